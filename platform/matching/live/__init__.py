"""Lists from the columns of this process, kept as new as the database: read as soon as the process serves, and before each
answer whatever changed since.

What changed is told by the database itself: triggers write a row for each therapist whom a transaction touched (`therapists.changes`), with its
transaction's number. One statement asks for the rows that the last look could not see, so that nothing is missed and nothing is believed before
it was committed, whatever the order of commits. Only those therapists are read again (docs/adr/0016).

What a therapist is changes by the clock alone, too. Each way is dealt with in one place:

- credentials and checks that expire, looks at registers that grow old, announced last days, dates of compacts: `therapists.standing_clock`;
- the therapist's word that they take new clients, places kept for a hold or an offer until it lapses, holds and requests that lapse and so free their
  time, booking windows that reach a day further: `reading`, with the same next instant at which somebody has to be read again (`Known.good_until`);
- openings that come closer than their lead time, or past; the horizon of 28 days that moves on: cut from the columns each minute (`snapshot.passing`);
- requests that wait and the attention of the last 14 days: in no column, asked of the database for the few who may be shown;
- pauses, conflicts, who is passed over, care relations, the client's own time: facts about the person who asks, read for each answer.

What no column holds (minors, needs, people in care, groups, openings off the minute) is answered by the specification: for those therapists alone where that
is enough, else for everybody (`columns_view`). And whoever is shown is judged by the specification at that moment (`judging`), from a reading that is as new as
the answer; if it disagrees with the columns, the specification makes the whole list. Start reading at `columns_view`.
"""
