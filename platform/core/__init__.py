"""What every package stands on and none of them owns: the database, the clock, errors, HTTP, access, jobs, audit, secrets.

Refuses to know any noun of the trade. Start reading at `db.transaction` (the one place that commits), then `http` and `access`.

Importing this package makes `zoneinfo` use the pinned `tzdata` package instead of the operating system's copy: the system's is wrong today for
several zones (Vancouver, Edmonton, Winnipeg, Casablanca, Havana). A zone loaded before would stay old, hence the cleared cache.
"""

import zoneinfo

zoneinfo.reset_tzpath(())
zoneinfo.ZoneInfo.clear_cache()
