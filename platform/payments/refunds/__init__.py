"""Money that goes back: asked for under the payment's lock, sent by a job, followed until the bank has it, and recognised when somebody else sent it.

Owns the refund and the dispute. Refuses to know why something is given back, beyond a code. Start reading at `request`.
"""
