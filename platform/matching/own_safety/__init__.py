"""What a person sees of their own safety question or pause, and what they can do about it: answer, or say that they answered by mistake.

Refuses to lift anything by itself but the pause of a question that is answered. Start reading at `state`.
"""
