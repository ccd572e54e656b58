#!/bin/sh
# What a careful person writes instead of trine, to compare with: one cycle of the
# clone in $1, as cron would start it. Conflicts are left to a person.
set -eu
cd "$1"
exec 9>.git/cycle.lock
flock -n 9 || exit 0
git add -A coordination
git diff --cached --quiet || git commit -q -m 'sync'
git fetch -q origin main
if ! git merge-base --is-ancestor origin/main HEAD; then
	git rebase -q origin/main || { git rebase --abort; exit 1; }
fi
[ "$(git rev-parse HEAD)" = "$(git rev-parse origin/main)" ] ||
	git push -q origin HEAD:main
