# Fleets by chance on real files and repositories, whose power goes at times.
. "${0%/*}/lib.sh"

# The story of a fleet, without how long it took.
story() { "$sim" --tier 2 --seed 3 --cycles 25 --story | sed 's/ in [0-9]* s:/:/'; }

a_seed_does_the_same_again() {
	points=$((points + 1))
	first=$(story)
	if [ "$first" = "$(story)" ]; then
		echo "ok $points - a seed does the same again"
	else
		echo "not ok $points - a seed does the same again"
	fi
}

lost_power() { echo "$covered" | grep -q 'loss of power'; }

if slow; then
	points=1
	echo 'ok 1 - fleets on files # SKIP under no other tool'
else
	fleets 'two fleets of 60 cycles on files' --tier 2 --seeds 2 --cycles 60 \
		--covered
	covered=$said
	point 'the power goes at times' lost_power
	a_seed_does_the_same_again
fi
finish
