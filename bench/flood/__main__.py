"""`python -m bench.flood [COUNT [THREADS]]`: so many datagrams of each kind; prints, and keeps nothing."""

import json
import sys

from bench.flood import COUNT, LINKS, thrown

count, threads = (*map(int, sys.argv[1:]), *(COUNT, 1)[len(sys.argv) - 1 :])
found = thrown(count, LINKS, threads)
print(json.dumps(found, indent=1))
if found["accepted"] or found["answers"] or found["unseen"]:
    sys.exit("something came of it")
