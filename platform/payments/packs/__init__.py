"""Packs: so many sessions bought at once. Prepaying is never forced, and what is left is given back whenever it is asked for.

Owns what a payee offers, what was bought, and each session taken from it. Refuses to know what a session is: whoever books says that one is reserved, took
place, or came to nothing. Start reading at `counting`, then `take`.
"""
