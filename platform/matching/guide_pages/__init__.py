"""The pages of the matching guides: whose case waits, whom they may suggest, and the code that may follow a call. Everything on them is a press of a button.

Owns no rule: each press is one act of `desk`, `matching.assisted` or `matching.expert_desk`. Start reading at `pages`.
"""
