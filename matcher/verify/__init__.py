"""The independent checker: a run's folder against the month's tables, without the solver or anything it was built from.

With docs/certificate.md beside it, read

1. ``verdict``, ``run``, ``checks``: which checks there are, in which order;
2. ``certificate``, ``files``: what is read, trusting nothing;
3. ``parts``, ``problem``, ``roster``: separate problems, who may be paired, whether a roster keeps the rules and what it is worth;
4. ``levels``, ``optimal``: **the proof** that no roster is better, on the permitted pairs themselves;
5. ``hubs``, ``route``, ``network``, ``components``, ``draw``: the network of the draw, a roster's flow in it, who the lot decided;
6. ``why``, ``changes``, ``counts``: reasons, bottlenecks, changes and figures, counted again;
7. ``second``: another solver's proof, for ``--independent``; ``before``: what every run passes before it is published.

Optimality rests on 2 to 4 alone.
"""
