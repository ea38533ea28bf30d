"""The page on which the operator declares who is at the safety desk: with the qualification that was seen, languages, and hours.

Owns no rule: `desk.safety_desk` says who can be declared. Start reading at `pages`.
"""
