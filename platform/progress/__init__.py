"""How somebody is doing: questionnaires with their scoring, and later signs of progress, the fit check and outcomes.

Owns which questions are asked and what their answers come to; a result says where somebody stands, never who gets care. Refuses to know intakes, ranking
and lists: what an answer means for somebody's safety is written down in `care`. Start reading at `questionnaires`, then `scoring`.
"""
