/*
 * What the mutants are called (mutants.h), in the order of their rules; what
 * each one does is in stand_ins.c.
 */
#include "mutants.h"

#include <string.h>

enum mutant mutant;
struct world *mutant_world;

const struct mutant_kind mutants[MUTANTS] = {
	[MUTANT_NONE] = { "none", "", "" },
	[MUTANT_REF] = { "reading-from-the-ref", "R1",
		"receive starts from what the last fetch brought" },
	[MUTANT_RECORD] = { "receipt-before-record", "R1",
		"some messages get a receipt and are not recorded" },
	[MUTANT_LAST] = { "durable-at-the-end", "R1, R2",
		"the log is written when the remote was told and work handed off" },
	[MUTANT_UNLOGGED] = { "commit-not-logged", "R2",
		"a push publishes a commit that the log does not name" },
	[MUTANT_VERSIONS] = { "versions-forgotten", "R2",
		"our own earlier versions are taken for somebody else's" },
	[MUTANT_INTENT] = { "intent-forgotten", "R3",
		"what publish wrote is taken for an edit" },
	[MUTANT_OWN] = { "own-commits-skipped", "R4",
		"lines that our own commits carry are not read" },
	[MUTANT_RAW_TIP] = { "raw-tip-read", "R5",
		"any commit that holds a stream speaks for its owner" },
	[MUTANT_SQUASH] = { "squash-unanswered", "R5",
		"own files in a person's commit are not vouched for anew" },
	[MUTANT_TRAILERS] = { "trailers-believed", "R6",
		"trailers count without a look at the tree" },
	[MUTANT_REUSED] = { "other-text-dropped", "R7",
		"a known number with another text is dropped" },
	[MUTANT_ANEW] = { "not-sent-anew", "R7",
		"a text that was rejected for its number stays unsent" },
	[MUTANT_FALLS] = { "receipt-falls", "R8",
		"a status takes a receipt back now and then" },
	[MUTANT_LINES] = { "lines-forgotten", "R9",
		"a hand-written line that was read is new again" },
	[MUTANT_HANDS] = { "hand-beside-trine", "R10",
		"lines in a stream whose writer has trine count as mail" },
	[MUTANT_GUARD] = { "own-paths-not-carried", "R11",
		"commits vouch for whatever the tip has of us" },
	[MUTANT_REBUILT] = { "rebuilt-path-by-path", "R11",
		"a rebuilt commit has the own files of the tip below it" },
	[MUTANT_LOOSE] = { "loose-text-committed", "R12",
		"a stream goes out as the desk has it" },
	[MUTANT_TWICE] = { "desk-read-twice", "R13",
		"publish compares with the desk as it is by then" },
	[MUTANT_ENTRY] = { "edited-entry-dropped", "R14",
		"what somebody changed in an entry is kept nowhere" },
	[MUTANT_PUSH] = { "push-result-ignored", "R15",
		"a push that did not arrive counts as taken" },
	[MUTANT_RULES] = { "bad-rules-shared", "R16",
		"a fleet.yaml that cannot be read goes to the branch" },
	[MUTANT_UNION] = { "lines-united", "R17",
		"a line that one side removed comes back" },
	[MUTANT_BUFFER] = { "old-buffer-adopted", "R18",
		"loose text that was adopted before is adopted again" },
	[MUTANT_BLOCK] = { "damaged-entry-adopted", "R19",
		"an entry without its heading is loose text like any other" },
	[MUTANT_TYPING] = { "typing-adopted", "R20",
		"loose text is adopted while somebody types it" },
	[MUTANT_DESK] = { "desk-overwritten", "R21",
		"publish does not look at what it replaces" },
	[MUTANT_DAMAGE] = { "damage-believed", "R22",
		"a desk that is gone was deleted on purpose" },
	[MUTANT_DELETED] = { "deletion-believed", "R22",
		"an own file that was deleted stays so" },
	[MUTANT_COPIES] = { "copy-made-twice", "R25",
		"a version that lost is copied each time it is met" },
	[MUTANT_MANY] = { "copies-not-counted", "R26",
		"there is no end to copies" },
	[MUTANT_AGAIN] = { "put-back-not-counted", "R26",
		"each rewrite of an own path is answered by a commit" },
	[MUTANT_OTHER] = { "other-machine-ignored", "R27",
		"another machine of our number is taken for a former clone" },
	[MUTANT_AGE] = { "old-disk-unnoticed", "R28",
		"an own commit that the log does not know means nothing" },
	[MUTANT_BACK] = { "no-coming-back", "R28, R29",
		"an older disk, or a new one, does not read its own files" },
	[MUTANT_NUMBER] = { "number-reused", "R29",
		"numbers that others have a receipt for are given out" },
	[MUTANT_ALL] = { "all-from-the-start", "R31",
		"who joins reads what was said to all before" },
	[MUTANT_OLD_TIP] = { "old-tip-dropped", "R32",
		"a tip that the branch does not descend from is not kept" },
	[MUTANT_FORCE] = { "push-by-force", "promise 3",
		"the branch is moved, whatever it holds meanwhile" },
	[MUTANT_LOSER] = { "loser-dropped", "promise 3",
		"an edit that does not stay is kept nowhere" },
	[MUTANT_STATUS] = { "status-each-time", "design 4.3",
		"a status is committed when nothing but its time is new" },
};

enum mutant mutant_named(const char *name)
{
	for (int i = 1; i < MUTANTS; i++)
		if (strcmp(mutants[i].name, name) == 0)
			return (enum mutant)i;
	return MUTANT_NONE;
}
