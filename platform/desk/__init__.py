"""Cases: what a person must look at, with an owner and a clock (safety, complaint, support, money, verification, privacy, request, matchmaking, call_back).

Refuses to know what a case is about: the subject is a pair of words that the opening package understands. Start reading at `cases` (the acts), then
`kinds` (who may see which case).
"""
