"""Assembly: settings, extensions, commands, the first pages, demo data. The only package that knows all others.

Start reading at `assembly.create_app`, which lists everything that is plugged in, and `connections`, which says who hears of what.
"""
