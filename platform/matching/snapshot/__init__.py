"""The fast path of the ranking: all therapists as columns of numbers in one process, with postings by jurisdiction.

Owns how facts are packed (`encoding`, `columns`), where somebody may be treated (`postings`), the shares of all rows at once (`shares`, `times`) and
the first few of them (`search`). It decides nothing by itself: `matching.ranking` and `matching.dimensions` are the specification that it equals to 1e-9
and in order, and whoever is shown is judged again by the specification. Start reading at `search`.
"""
