"""Cases as pages: what waits with its clock, one case with its facts and steps, and every act of the desk on it as a press of a button.

Owns no rule: each press is one act of `desk`. Safety cases have a page of their own above (`care.safety_pages`), checks of therapists theirs
(`therapists.verifier_pages`). Start reading at `pages`.
"""
