"""What a booking costs and how its payment moves it: the two machines meet here and nowhere else.

Owns when a booking must be paid before it counts, the checkout of a hold, what settled or abandoned money makes of a booking, and what goes back when it ends.
Tells `payments` a public id, an amount, a payer and a payee. Refuses to know how a card is charged. Start reading at `heard`, then `give_back`.
"""
