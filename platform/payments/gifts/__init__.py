"""Gift codes: an amount in a currency, paid ahead by one person for another, and spent in parts on whatever is paid through us in that currency.

Owns the code (its digest alone), what is left of it, and each use. Refuses to know what it is spent on: whoever books says that a part is reserved, was used,
or came to nothing. Who spends a code learns nothing of who bought it but a note of theirs, and who bought it nothing of where it went.

The rule of order (docs/adr/0017): a code pays first and a card the rest, so what goes back goes to the card first, then to the code; what stays stays of the
code first. Start reading at `balance`, then `redeem`.
"""
