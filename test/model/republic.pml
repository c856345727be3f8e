/*
 * The design of kibitz's elections and successions, without its code: four members, two of which
 * try to govern, and a log of two entries. The first entry is a government, and one of the two
 * that may be proposed for it changes the parliament; the second is what a user publishes.
 *
 *   0 1 2    the parliament that everybody begins with
 *   0 2 3    the parliament of the government that changes it: {0 1} and {2 3} are majorities of
 *            the old and of the new one that have nobody in common
 *
 * A call and its answer are one step, taken or not taken at any time: so calls are lost, delayed
 * without bound and overtaken. An answer that comes late is a candidate that acts late.
 *
 * Each safeguard can be taken away, and then spin finds a violation:
 *
 *   NO_UNIQUE_BALLOT   two candidates may use one ballot
 *   NO_ADOPTION        a candidate proposes its own, whatever was accepted before
 *   NO_EMPTY_RULE      a promise without a suffix counts by the ballot of its last acceptance
 *   NO_AHEAD_RULE      a run that brings nothing new replaces the suffix all the same
 *   NO_DOUBLE_QUORUM   the old parliament alone decides on a new one
 *   NO_OLD_QUORUM      the new parliament alone decides on itself
 *   NO_INCARNATION     who has forgotten everything votes as if it were who it was
 *
 * Checked: no two entries are committed under one number. The first number is that of a
 * government; so no two governments bear one number either.
 */

#ifndef TRIES
#define TRIES 2
#endif

#define MEMBERS 4
#define ENTRIES 2

/* The entries: two governments for the first number, two publishes for the second. */
#define NOTHING 0
#define CHANGE 1
#define STAY 2
#define HIS 3
#define HERS 4

/* Parliaments, as sets of members. Both have three seats; two make a majority. */
#define OLD 7
#define NEW 13

#define SEATS(m) ((committed[m] > 0 && entry[m * ENTRIES] == CHANGE) -> NEW : OLD)
#define HAS(set, m) (((set) >> (m)) & 1)
#define COUNT(set) (HAS(set, 0) + HAS(set, 1) + HAS(set, 2) + HAS(set, 3))
#define MAJORITY(set, seats) (COUNT((set) & (seats)) >= 2)

#ifdef NO_DOUBLE_QUORUM
#define DECIDED(set, m, value) MAJORITY(set, SEATS(m))
#else
#ifdef NO_OLD_QUORUM
#define DECIDED(set, m, value) \
    ((value == CHANGE && MAJORITY(set, NEW)) || (value != CHANGE && MAJORITY(set, SEATS(m))))
#else
#define DECIDED(set, m, value) \
    (MAJORITY(set, SEATS(m)) && (value != CHANGE || MAJORITY(set, NEW)))
#endif
#endif

/* Who answers: with incarnations, who has forgotten is nobody that is asked for. */
#ifdef NO_INCARNATION
#define ANSWERS(m) true
#else
#define ANSWERS(m) (!forgetful[m])
#endif

#ifdef NO_UNIQUE_BALLOT
#define NEXT_BALLOT(highest, m) (highest + 1)
#else
/* Odd ones are member 0's, even ones member 2's. */
#define NEXT_BALLOT(highest, m) (highest + 1 + ((highest + 1 + (m == 0 -> 1 : 0)) % 2))
#endif

/* What each member holds, as an acceptor. */
byte promised[MEMBERS];
byte accepted[MEMBERS];
/* The log: what is committed, and behind it the suffix of one entry, accepted or NOTHING. */
byte entry[MEMBERS * ENTRIES];
byte committed[MEMBERS];
bit forgetful[MEMBERS];

/* What was committed first under each number, by anybody. */
byte chosen[ENTRIES];

/* The next committed entry goes from one member to another; another suffix goes. */
inline learn(from, to) {
    entry[to * ENTRIES + committed[to]] = entry[from * ENTRIES + committed[to]];
    committed[to] = committed[to] + 1
}

inline note(ballot) {
    if
    :: ballot > highest -> highest = ballot
    :: else
    fi
}

/* Another member to turn to, one of a set. */
inline pick(set) {
    if
    :: HAS(set, 0) && m != 0 -> other = 0
    :: HAS(set, 1) -> other = 1
    :: HAS(set, 2) && m != 2 -> other = 2
    :: HAS(set, 3) -> other = 3
    fi
}

#define LEVEL(m, other) (committed[m] == committed[other])
#define AT(m) entry[m * ENTRIES + level]

/* Whether a promise speaks of a suffix. One without says nothing, whatever its ballot: what was
   accepted under it is committed, and may have been committed under a lower one. */
#ifdef NO_EMPTY_RULE
#define SPEAKS(m) true
#else
#define SPEAKS(m) (AT(m) != NOTHING)
#endif

#define IS_BETTER(other) \
    (accepted[other] > best || (accepted[other] == best && value == NOTHING))

#define MAY_PROMISE(other) (ballot >= promised[other] && ballot != accepted[other])

inline prepare() {
    pick(SEATS(m) & ~voters);
    if
    :: !ANSWERS(other)
    :: ANSWERS(other) && committed[other] > committed[m] ->
        /* It is ahead and says what is lacking; the promises spoke of another log. */
        note(promised[other]);
        learn(other, m);
        stage = IDLE
    :: ANSWERS(other) && committed[other] < committed[m] ->
        note(promised[other]);
        learn(m, other)
    :: ANSWERS(other) && LEVEL(m, other) && !MAY_PROMISE(other) -> note(promised[other])
    :: ANSWERS(other) && LEVEL(m, other) && MAY_PROMISE(other) ->
        promised[other] = ballot;
        voters = voters | (1 << other);
        if
        :: SPEAKS(other) && IS_BETTER(other) ->
            best = accepted[other];
            value = AT(other)
        :: else
        fi
    fi;
    other = 0
}

#define NEXT(m) entry[m * ENTRIES + committed[m]]

inline write() {
    /* An open change of parliament is written to both. */
    pick((value == CHANGE && level == 0 -> OLD | NEW : SEATS(m)) & ~voters);
    if
    :: !ANSWERS(other)
    :: ANSWERS(other) && committed[other] > committed[m] ->
        /* It has committed what is written: it promises, and keeps what it holds behind that. */
        if
        :: ballot >= promised[other] ->
            promised[other] = ballot;
#ifdef NO_AHEAD_RULE
            accepted[other] = ballot;
            if
            :: committed[other] < ENTRIES -> NEXT(other) = NOTHING
            :: else
            fi
#endif
        :: else -> note(promised[other])
        fi
    :: ANSWERS(other) && committed[other] < committed[m] -> learn(m, other)
    :: ANSWERS(other) && LEVEL(m, other) && ballot < promised[other] -> note(promised[other])
    :: ANSWERS(other) && LEVEL(m, other) && ballot >= promised[other] ->
        promised[other] = ballot;
        accepted[other] = ballot;
        AT(other) = value;
        voters = voters | (1 << other)
    fi;
    other = 0
}

/* This member's own acceptor takes what it writes. */
inline take() {
    accepted[m] = ballot;
    AT(m) = value;
    voters = 1 << m
}

/* Whether what it does still speaks of the log and the promise it began with. */
#define GOES_ON(at) (stage == at && promised[m] == ballot && committed[m] == level)

mtype = { IDLE, PREPARING, WRITING };

proctype candidate(byte m; byte government; byte publish) {
    mtype stage = IDLE;
    byte tries, ballot, highest, voters, best, value, level, other;
    /* What is written is its own, and not adopted. */
    bit own;

    do
    :: atomic { stage == IDLE && tries < TRIES && committed[m] < ENTRIES ->
        /* A ballot above every one this member has seen in any message. */
        note(promised[m]);
        tries++;
        level = committed[m];
        ballot = NEXT_BALLOT(highest, m);
        highest = ballot;
        promised[m] = ballot;
        voters = 1 << m;
        best = (SPEAKS(m) -> accepted[m] : 0);
        value = AT(m);
        stage = PREPARING }
    /* It has promised somebody else, has learnt, or has heard nothing for long: it is over. */
    :: atomic { stage != IDLE ->
        stage = IDLE; voters = 0; best = 0; value = NOTHING; own = 0 }
    :: atomic { GOES_ON(PREPARING) && (SEATS(m) & ~voters & ~(1 << m)) != 0 -> prepare() }
    :: atomic { GOES_ON(PREPARING) && MAJORITY(voters, SEATS(m)) ->
#ifdef NO_ADOPTION
        value = NOTHING;
#endif
        if
        :: value == NOTHING -> own = 1; value = (level == 0 -> government : publish)
        :: else -> own = 0
        fi;
        best = 0;
        take();
        stage = WRITING }
    :: atomic { GOES_ON(WRITING) && (OLD | NEW) != voters -> write() }
    :: atomic { GOES_ON(WRITING) && DECIDED(voters, m, value) ->
        assert(chosen[level] == NOTHING || chosen[level] == value);
        chosen[level] = value;
        committed[m] = committed[m] + 1;
        level = committed[m];
        if
        /* The leader goes on under its new government with the ballot it has. */
        :: level < ENTRIES && own -> value = publish; take()
        /* What was adopted is complete; the election starts again under what results. */
        :: else -> stage = IDLE; voters = 0; best = 0; value = NOTHING; own = 0
        fi }
    /* Nobody has to go on: a crash is a candidate that does nothing more. */
    :: stage == IDLE && (tries == TRIES || committed[m] == ENTRIES) -> break
    od
}

/* Whoever is ahead feeds whoever is behind; what is fed carries no ballot. */
active proctype feeder() {
    byte from, to;
    do
    :: atomic { true ->
        if
        :: from = 0
        :: from = 2
        :: from = 1
        :: from = 3
        fi;
        if
        :: to = 0
        :: to = 1
        :: to = 2
        :: to = 3
        fi;
        if
        :: committed[from] > committed[to] && ANSWERS(to) && ANSWERS(from) -> learn(from, to)
        :: else
        fi;
        from = 0;
        to = 0 }
    od
}

/* One process is started again under its old name and remembers nothing. */
active proctype amnesia() {
    byte who;
    atomic {
        if
        :: who = 1
        :: who = 3
        fi;
        promised[who] = 0;
        accepted[who] = 0;
        entry[who * ENTRIES] = NOTHING;
        entry[who * ENTRIES + 1] = NOTHING;
        committed[who] = 0;
        forgetful[who] = 1
    }
}

init {
    atomic {
        run candidate(0, CHANGE, HIS);
        run candidate(2, STAY, HERS)
    }
}
