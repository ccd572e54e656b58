/*
 * Every bound in one place, with its reason. What comes from outside is
 * measured against these before anything is allocated for it.
 */
#ifndef TRINE_LIMITS_H
#define TRINE_LIMITS_H

enum {
	/* Messages and files, as the format promises (trine-files(5)). */
	LIMIT_TITLE = 200,		/* characters of a title */
	LIMIT_BODY = 256 * 1024,	/* bytes of a body */
	LIMIT_FILE = 1024 * 1024,	/* bytes of a file that reaches a desk */
	LIMIT_PREAMBLE = 256 * 1024,	/* of the text above a stream's messages */
	LIMIT_SEGMENT = 10 * 1024,	/* a stream file over this is closed */
	LIMIT_SEGMENTS = 9999,		/* of a stream: they are NNNN.md */
	LIMIT_NAME = 64,		/* bytes of one path component */
	LIMIT_DEPTH = 6,		/* components of a path below the prefix */
	LIMIT_PATH = LIMIT_NAME * LIMIT_DEPTH + LIMIT_DEPTH,

	/* Old messages read from one file made by hand. */
	LIMIT_IMPORTED = 20 * 1000,

	/* YAML: ours is small; a bomb is large. */
	LIMIT_YAML = 8 * 1024,
	LIMIT_FLEET = 64 * 1024,
	LIMIT_YAML_DEPTH = 4,

	/* A hostile tree may hold any number of files; a desk has hundreds. */
	LIMIT_TREE = 100 * 1000,	/* entries looked at below the prefix */
	LIMIT_DESK = 20 * 1000,		/* files on one desk */
	LIMIT_LISTED = 4 * LIMIT_DESK,	/* and what else is noted of it */
	/* All of them: ten thousand names of one blob are nothing in git. What is
	 * edited of them is in memory at once, and files behind this much wait. */
	LIMIT_DESK_SIZE = 256 * 1024 * 1024,
	LIMIT_DESK_CACHE = 12 * 1024 * 1024,	/* as many lines, of any length */
	LIMIT_TREE_DEPTH = 32,		/* levels of a tree from outside */

	/* What one fetch over the network may bring (a default): a remote that
	 * sends more is broken, or means to fill our disk. It is not asked again
	 * for as many seconds. */
	LIMIT_FETCH = 1024 * 1024 * 1024,
	LIMIT_FETCH_PAUSE = 3600,

	/* Other branches than the fleet's: anybody may push any number of any
	 * size. What is not looked at in one cycle is in a later one. */
	LIMIT_HEADS = 1000,		/* of a remote, that we look at */
	LIMIT_HEAD_NAME = 200,		/* bytes of such a branch's name */
	LIMIT_BESIDE = 20,		/* new ones looked at in a cycle */
	LIMIT_BESIDE_COMMITS = 2000,	/* of each, the newest */
	LIMIT_BESIDE_NEWS = 20,		/* things listed of each */
	LIMIT_BESIDE_SIZE = 1024,	/* MiB kept of all, then all is dropped */

	/* inih cuts longer lines and names without saying so. */
	LIMIT_INI_LINE = 196,
	LIMIT_INI_SECTION = 49,
	LIMIT_INI_FILE = 64 * 1024,

	/* Copies of losing versions (protocol R25, R26); of those that the
	 * branch's history has, half as many. */
	LIMIT_COPY = 512 * 1024,
	LIMIT_LOSER = 16 * 1024 * 1024,	/* bytes of one that are read for it */
	LIMIT_COPIES_PATH = 20,		/* of one path, a day */
	LIMIT_COPIES_DAY = 100,

	/* Damaged repositories: folders kept beside the new one, and seconds
	 * from one to the next. */
	LIMIT_ASIDE = 2,
	LIMIT_ASIDE_PAUSE = 3600,

	/* Computers are numbered 1 … 999, so that every name stays short. */
	LIMIT_COMPUTERS = 999,

	/* The log and its lines: the largest is a message of LIMIT_BODY, all
	 * of it escaped. */
	LIMIT_EVENT = 2 * 1024 * 1024,

	/* What one searches for: words of a person, or a line of an error. Each
	 * with a star may read much of the index. */
	LIMIT_SEARCH = 1024,		/* bytes */
	LIMIT_SEARCH_WORDS = 32,

	/* A task leads to another one, on another computer, and so on: agents
	 * that give each other work would never end. */
	LIMIT_HOPS = 5,
	LIMIT_TASK_NAMES = 16,		/* tasks that one waits for, and so on */

	/* What instances say: a result that travels, and what is read of an
	 * answer to find it; of what a program that failed said, the end. */
	LIMIT_RESULT = 64 * 1024,
	LIMIT_TAIL = 4 * 1024,
	LIMIT_ANSWER = 1024 * 1024,

	/* A cycle, in seconds: defaults of settings. */
	LIMIT_CYCLE = 240,		/* then the process kills itself */
	LIMIT_NETWORK = 60,		/* one call */
	LIMIT_LAST_ROUND = 210,		/* no new round after this */
	LIMIT_ROUNDS = 5		/* pushes that somebody else may beat */
};

#endif
