"""The closed vocabulary: goals, concerns, ways of working, evidence, languages, places, registers, crisis lines and smaller lists.

Owns the data files in `data/` and the rules for reading them: what is the same, narrower or near, what free text may mean, which crisis line may be
shown, what a number should look like. Everything but `routes.py` and `schemas.py` is pure. Nothing here is ever written at run time: a change is a
change of a file with its source and date, and `Vocabulary.version` changes with it.

Refuses to know people, therapists, credentials as claimed, answers or weights. No text that a person types is stored or logged here.

Start reading at `vocabulary.vocabulary`, then `terms.py` for what each entry holds, then `suggest.py`.
"""
