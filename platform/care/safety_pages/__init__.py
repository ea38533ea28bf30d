"""The safety desk's pages: cases with their clocks, one case with what was said and where the person is, the contact record, and what only follows from one.

Owns no rule: each press is one act of `desk` or of `care.lifting`. Who may work on such a case is `desk.safety_desk`'s to say. Start reading at `pages`.
"""
