"""Calls that somebody asked for: to be called back, or to speak to a matching guide about one of a few topics. One open at a time for each person.

Owns the number, the times that suit and how the call went; clock and owner are those of the case it hangs on (`desk.cases`), so whoever may see that case may
see the call. Asks nothing about anybody's health. Start reading at `models`, then `work`.
"""
