"""The verifiers' desk as pages: what waits, one credential, one required check, one profile to read, and the monthly looks of one register.

They press the same acts as the API and work without a script. Start reading at `pages`; `work` says what a page shows.
"""
