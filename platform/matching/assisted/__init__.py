"""Assisted shortlists: a matching guide suggests up to five therapists out of those who are on the list anyway, says why, and the person decides.

A guide reads no more of an intake than its person agreed to, and can suggest nobody whom the list does not have. Start reading at `permitted`, then `propose`.
"""
