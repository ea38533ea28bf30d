"""Questionnaires that people take: what they answered, what it comes to, and whom they let read it.

Refuses to be a diagnosis, a gate, or anything that orders therapists. What one item asks about somebody's safety is handed to `care`. Start reading at `take`.
"""
