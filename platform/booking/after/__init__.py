"""After the end of a session: how it went, who may say so, what can be contested, and what is owed for cancelling late or not coming.

Start at `outcomes` (the rules, pure), then `outcome` (the acts), then `late_fee`. What a client says once it is over
is `complain`.
"""
