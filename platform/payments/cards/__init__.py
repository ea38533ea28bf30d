"""Cards that payers let us keep for one payee, and charging them while their holders are away.

Owns the mandate and its words, and the attempt that is a charge. Refuses to know what is charged for and when: whoever asked for the payment says so. Start
reading at `terms`, then `keep`, `charge`, `charge_calls`.
"""
