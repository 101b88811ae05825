"""The independent checker: a run's folder against the month's tables, without the solver or anything it was built from.

docs/certificate.md says what is checked and why that is enough. Read, in this order,

1. ``certificate``, ``problem``, ``levels``, ``optimal``: **that the roster is allowed and that no roster is better**. A certificate read
   from bytes that may hold anything; who may be paired and what limits there are; what every objective costs; whether the potentials prove
   the roster, for every permitted pair. ``arrays`` holds what they say in a word (sets, groups and counts of integers);
2. ``hubs``, ``components``, ``draw``: that the lot was followed, in the network of the draw;
3. ``reasons``, ``changes``, ``counts``, ``files``: that what the files say is what tables, policy and roster give;
4. ``parts``, ``checks``, ``run``, ``verdict``: separate problems, all checks in order, the command.

``second`` is no part of it: another solver's proof, for ``--independent``. Every run passes ``optimal.check_part`` before it is published.
"""
