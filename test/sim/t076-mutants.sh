# A checker that went blind would let all fleets pass: rules of the protocol are
# switched off one by one, and it says so each time (test/MUTANTS.md has all of them).
. "${0%/*}/lib.sh"

caught() {
	points=$((points + 1))
	if said=$("$sim" --mutants "$1"); then
		echo "ok $points - caught: $1"
	else
		echo "not ok $points - caught: $1"
		echo "$said" | sed 's/^/# /'
	fi
}

quick='reading-from-the-ref receipt-before-record durable-at-the-end
	commit-not-logged raw-tip-read loose-text-committed receipt-falls
	hand-beside-trine push-result-ignored old-buffer-adopted
	other-machine-ignored old-disk-unnoticed no-coming-back held-when-offered
	push-by-force status-each-time claims-replayed generations-apart
	early-receipt brought-again own-file-hidden raw-statuses-read
	foreign-loser-dropped handed-over-unseen edited-copy-put-back
	future-believed hand-receipt-falls missing-for-no-reason
	own-commits-doubted stopped-goes-on ends-well-anyway text-cut-off
	conflict-won-here nothing-comes-back answer-published-late
	handed-off-twice handed-off-while-stopped'
slow && quick='push-result-ignored status-each-time'
for mutant in $quick; do
	caught "$mutant"
done
finish
