# Fleets by chance, in memory: a quarter of them; t072 to t074 have the others.
. "${0%/*}/lib.sh"
quarter_from 1
point 'a seed does the same again' does_the_same_again --seed 3 --cycles 200
finish
