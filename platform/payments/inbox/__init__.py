"""What the processor tells us by itself: each event kept once and answered at once, then read by a job that asks for the object itself.

Owns the events. An event is a hint: nothing in its body moves anything. Refuses to know what is paid for. Start reading at `receive`, then `read_jobs`.
"""
