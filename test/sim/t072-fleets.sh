# The other half of the fleets by chance; and some on real files, whose power
# goes at times.
. "${0%/*}/lib.sh"
cycles=250 seeds=10 files=60
if slow; then cycles=200 seeds=3 files=20; fi
fleets "$seeds fleets of $cycles cycles" --seed 11 --seeds $seeds --cycles $cycles
if [ "$(uname -s)" = Linux ] && ! slow; then
	fleets "two fleets of $files cycles on files" --tier 2 --seeds 2 \
		--cycles $files
else
	points=$((points + 1))
	echo "ok $points - fleets on files # SKIP Linux only, and under no other tool"
fi
finish
