"""The words we send: compose them, keep them sealed, deliver them once.

Owns notices and the way they travel. Refuses to know accounts, bookings or why something is sent: it gets a plain `Recipient` and a template of the
package that sends. Start reading at `outbox.send`, then `deliver`.
"""
