"""How somebody is doing: questionnaires with their scoring, the fit check, and later signs of progress and outcomes.

Owns which questions are asked and what their answers come to; a result says where somebody stands, never who gets care. Refuses to know intakes, ranking
and lists: what an answer means for somebody's safety is written down in `care`. Start reading at `questionnaires`, then `scoring`;
what people took stands in `results`, the fit check in `fit_check`.
"""
