"""The comparison of the processor with the books, and what a person decides about each difference.

Owns the runs and the differences. Both sides are read as flows, effects on our balance: the processor's lines, and the movements of our books. What fits in
neither direction, or stands for nothing above, is a case with the actions that lead out of it. Refuses to decide anything by itself but to book what nobody
can decide: the processor's fees and our own bank's payouts. Start reading at `flows`, then `findings`, `kinds` and `compare_calls`.
"""
