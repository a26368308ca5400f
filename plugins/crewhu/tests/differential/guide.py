#!/usr/bin/env python3
"""The integration guide's formula, transcribed, over random cases: `guide.py SEED CASES` prints a line a case.

A line holds the ratings in order, as the shortest text that reads back the same, then the mean and the score:
`5 4.5 3 | 4.166666666666667 4`. No rating: `| none`. Only the sum differs from the guide's code: `math.fsum`, as the
product asks for, so that the order of the answers cannot matter.
"""

import math
import random
import sys


def calculate_satisfaction_score(csat_responses):
    if csat_responses:
        scores = [response["score"] for response in csat_responses]
        avg_score = math.fsum(scores) / len(scores)
        return avg_score, max(1, min(5, round(avg_score)))
    return None


def ratings(rng):
    """Ratings of one client, of one of the kinds that people send, and means that lie between two scores."""
    kind = rng.randrange(6)
    if kind == 0:
        return [rng.randint(1, 5) for _ in range(rng.randrange(0, 30))]
    if kind == 1:
        return [rng.randint(2, 10) / 2 for _ in range(rng.randrange(1, 12))]
    if kind == 2:
        return [round(rng.uniform(1, 5), rng.randint(1, 3)) for _ in range(rng.randrange(1, 40))]
    if kind == 3:
        return [rng.uniform(1, 5) for _ in range(rng.randrange(1, 40))]
    if kind == 4:
        # As many of one score as of the next one: the mean is a tie.
        low, pairs = rng.randint(1, 4), rng.randint(1, 10)
        tie = [low, low + 1] * pairs
        rng.shuffle(tie)
        return tie
    # A tie that plain addition misses: tenths on either side of a half, which cancel out.
    middle = rng.randint(1, 4) + 0.5
    off = [rng.randint(1, 4) / 10 for _ in range(rng.randint(1, 8))]
    tie = [middle + by for by in off] + [middle - by for by in off]
    rng.shuffle(tie)
    return tie


def main():
    seed, cases = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    for _ in range(cases):
        given = ratings(rng)
        scored = calculate_satisfaction_score([{"score": rating} for rating in given])
        told = "none" if scored is None else f"{scored[0]!r} {scored[1]}"
        print(" ".join(repr(rating) for rating in given), "|", told)


if __name__ == "__main__":
    main()
