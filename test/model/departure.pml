/*
 * A voter leaves a parliament of three. The model covers the withdrawal of an open government
 * (src/paxos/election/withdrawal.ts) and the consent of the leaving voter
 * (src/paxos/membership/consent.ts). republic.pml covers all other rules of elections.
 *
 *   0 1 2    the parliament at the beginning
 *   0 2      the parliament after the exile of member 1: the decision on the exile needs both
 *
 * Members 0 and 2 try to lead, and member 1 too in one run of the model. The log has two entries.
 * For each entry, a leader chooses a plain entry or the exile of member 1. The exile may need the
 * consent of member 1 under the leader's ballot. A call and its answer are one step, as in
 * republic.pml.
 *
 * Each safeguard can be removed, and then spin finds a violation:
 *
 *   NO_PROOF           a candidate withdraws an open exile without a proof
 *   NO_FREE_CHOICE     an adopted exile counts as a draft
 *   NO_DRAFT_BALLOT    a draft counts after an acceptance under a later ballot
 *   NO_LOST_DRAFT      a restarted owner still has its draft
 *   NO_NEW_PARLIAMENT  a promise of member 1 without the exile counts like one of the others
 *   NO_CONSENT         the leader decides on the exile without the consent
 *   NO_CONSENT_BALLOT  an exile adopted under a later ballot counts as one that needs the consent
 *   NO_RETIREMENT      member 1 still votes after its consent
 *
 * Checked: no two entries are decided under one number.
 */

/* How often the members 0 and 2 try to lead. With LEAVER_TRIES, member 1 tries, too. */
#ifndef TRIES_0
#define TRIES_0 2
#endif
#ifndef TRIES_2
#define TRIES_2 1
#endif

#define MEMBERS 3
#define ENTRIES 2
#define LEAVER 1

/* The entries. Leaders draft different plain entries, and different exiles. */
#define NOTHING 0
#define PLAIN(m) (1 + (m))
#define EXILE(m) (4 + (m))
#define CONSENTED(ballot) (8 + (ballot))
#define IS_EXILE(value) ((value) >= 4)
#define NEEDS_CONSENT(value, ballot) ((value) == CONSENTED(ballot))

/* Parliaments, as sets of members. Two members are a majority of each. */
#define OLD 7
#define NEW 5
#define SEATS(m) ((committed[m] > 0 && IS_EXILE(entry[m * ENTRIES])) -> NEW : OLD)
#define HAS(set, m) (((set) >> (m)) & 1)
#define COUNT(set) (HAS(set, 0) + HAS(set, 1) + HAS(set, 2))
#define MAJORITY(set, seats) (COUNT((set) & (seats)) >= 2)

#ifdef NO_CONSENT
#define HAS_CONSENT(set, value, ballot) true
#else
#define HAS_CONSENT(set, value, ballot) (!NEEDS_CONSENT(value, ballot) || HAS(set, LEAVER))
#endif
#define DECIDED(set, m, value, ballot) (MAJORITY(set, SEATS(m)) && \
    (!IS_EXILE(value) || (MAJORITY(set, NEW) && HAS_CONSENT(set, value, ballot))))

/* The smallest ballot above `highest` that member m owns. */
#define NEXT_BALLOT(highest, m) (highest + 1 + ((m + 3 - (highest + 1) % 3) % 3))

/* The acceptors. */
byte promised[MEMBERS];
byte accepted[MEMBERS];
/* The log: the committed entries, and behind them the suffix of one entry, or NOTHING. */
byte entry[MEMBERS * ENTRIES];
byte committed[MEMBERS];
/* The ballot and the number of the exile that the member itself has drafted; 0: no draft. */
byte draft[MEMBERS];
bit draftAt[MEMBERS];
/* The leaver has consented. */
bit retired;

/* The first decision on each number. */
byte chosen[ENTRIES];

/* An exiled member, and a member that has consented, takes no part. */
#define ANSWERS(m) (m != LEAVER || (SEATS(LEAVER) == OLD && !retired))
#define AT(m) entry[(m) * ENTRIES + level]
#ifdef NO_DRAFT_BALLOT
#define IS_DRAFT_UNDER(ballot, m) (draft[m] != 0)
#else
#define IS_DRAFT_UNDER(ballot, m) (draft[m] == ballot)
#endif
#define HAS_DRAFT(m) \
    (IS_DRAFT_UNDER(accepted[m], m) && draftAt[m] == level && IS_EXILE(AT(m)))

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

/* A member of a set, other than m. */
inline pick(set) {
    if
    :: HAS(set, 0) && m != 0 -> other = 0
    :: HAS(set, 1) && m != 1 -> other = 1
    :: HAS(set, 2) && m != 2 -> other = 2
    fi
}

/* Counts the promise of a member, with the suffix and the draft of the member. */
inline count(voter) {
    voters = voters | (1 << voter);
    held[voter] = AT(voter);
    if
    :: AT(voter) != NOTHING && (accepted[voter] > best || value == NOTHING) ->
        best = accepted[voter];
        value = AT(voter);
        drafted = HAS_DRAFT(voter)
    :: AT(voter) != NOTHING && accepted[voter] == best && value != NOTHING ->
        drafted = drafted || HAS_DRAFT(voter)
    :: else
    fi
}

inline prepare() {
    pick(SEATS(m) & ~voters);
    if
    :: !ANSWERS(other)
    :: ANSWERS(other) && committed[other] > committed[m] ->
        note(promised[other]);
        learn(other, m);
        stop()
    :: ANSWERS(other) && committed[other] < committed[m] ->
        note(promised[other]);
        learn(m, other)
    :: ANSWERS(other) && committed[other] == committed[m] ->
        if
        :: ballot >= promised[other] && ballot != accepted[other] ->
            promised[other] = ballot;
            count(other)
        :: else -> note(promised[other])
        fi
    fi;
    other = 0
}

/* The number of members of the new parliament that may hold the exile. */
#define WITHOUT(m) (HAS(voters, m) && held[m] != value)
#ifdef NO_NEW_PARLIAMENT
#define MAY_HOLD (COUNT(NEW) - WITHOUT(0) - WITHOUT(1) - WITHOUT(2))
#else
#define MAY_HOLD (COUNT(NEW) - WITHOUT(0) - WITHOUT(2))
#endif

#ifdef NO_CONSENT_BALLOT
#define IS_MISSING_CONSENT (value > CONSENTED(0) && HAS(voters, LEAVER))
#else
#define IS_MISSING_CONSENT (NEEDS_CONSENT(value, best) && HAS(voters, LEAVER))
#endif

#ifdef NO_PROOF
#define MAY_WITHDRAW IS_EXILE(value)
#else
#define MAY_WITHDRAW (IS_EXILE(value) && (drafted || MAY_HOLD < 2 || IS_MISSING_CONSENT))
#endif

/* A free choice of the next entry. */
inline choose() {
    own = 1;
    if
    :: value = PLAIN(m)
    :: SEATS(m) == OLD && m != LEAVER -> value = EXILE(m)
    :: SEATS(m) == OLD && m != LEAVER -> value = CONSENTED(ballot)
    fi
}

/* The writer's own acceptor takes the entry. */
inline take() {
    accepted[m] = ballot;
    AT(m) = value;
    voters = 1 << m;
#ifdef NO_FREE_CHOICE
    if
    :: IS_EXILE(value) -> draft[m] = ballot; draftAt[m] = level
#else
    if
    :: IS_EXILE(value) && own -> draft[m] = ballot; draftAt[m] = level
#endif
    :: else -> draft[m] = 0; draftAt[m] = 0
    fi
}

/* An open exile is written to both parliaments. */
#define ADDRESSEES(m, value) (IS_EXILE(value) -> OLD : SEATS(m))

inline write() {
    pick(ADDRESSEES(m, value) & ~voters);
    if
    :: !ANSWERS(other)
    :: ANSWERS(other) && committed[other] > committed[m] ->
        if
        :: ballot >= promised[other] -> promised[other] = ballot
        :: else -> note(promised[other])
        fi
    :: ANSWERS(other) && committed[other] < committed[m] -> learn(m, other)
    :: ANSWERS(other) && committed[other] == committed[m] ->
        if
        :: ballot < promised[other] -> note(promised[other])
        :: else ->
            promised[other] = ballot;
            accepted[other] = ballot;
            AT(other) = value;
            voters = voters | (1 << other);
#ifndef NO_RETIREMENT
            if
            :: other == LEAVER && NEEDS_CONSENT(value, ballot) -> retired = 1
            :: else
            fi
#endif
        fi
    fi;
    other = 0
}

inline stop() {
    stage = IDLE; voters = 0; best = 0; value = NOTHING; own = 0; drafted = 0; level = 0;
    held[0] = 0; held[1] = 0; held[2] = 0
}

/* A new process has no draft. */
inline forgetDraft() {
#ifdef NO_LOST_DRAFT
    skip
#else
    draft[m] = 0;
    draftAt[m] = 0
#endif
}

/* Whether the candidate's log and promise are still those of the beginning. */
#define GOES_ON(at) \
    (stage == at && promised[m] == ballot && committed[m] == level && ANSWERS(m))
#define TOLD (m == 0 -> 2 : 0)

mtype = { IDLE, PREPARING, WRITING };

proctype candidate(byte m; byte tries) {
    mtype stage = IDLE;
    byte ballot, highest, voters, best, value, level, other;
    byte held[MEMBERS];
    /* The entry is the candidate's free choice, and not adopted. */
    bit own;
    /* A promise names the exile as a draft under the best ballot. */
    bit drafted;

    do
    :: atomic { stage == IDLE && tries > 0 && committed[m] < ENTRIES && ANSWERS(m) ->
        note(promised[m]);
        tries--;
        level = committed[m];
        ballot = NEXT_BALLOT(highest, m);
        highest = ballot;
        promised[m] = ballot;
        count(m);
        stage = PREPARING }
    /* The candidate gives up, at any time, or its process restarts. */
    :: atomic { stage != IDLE -> stop() }
    :: atomic { stage != IDLE -> forgetDraft(); stop() }
    :: atomic { GOES_ON(PREPARING) && (SEATS(m) & ~voters & ~(1 << m)) != 0 -> prepare() }
    :: atomic { GOES_ON(PREPARING) && MAJORITY(voters, SEATS(m)) ->
        if
        :: value == NOTHING || MAY_WITHDRAW -> choose()
        :: else -> own = 0
        fi;
        best = 0; drafted = 0; held[0] = 0; held[1] = 0; held[2] = 0;
        take();
        stage = WRITING }
    :: atomic { GOES_ON(WRITING) && (ADDRESSEES(m, value) & ~voters) != 0 -> write() }
    :: atomic { GOES_ON(WRITING) && DECIDED(voters, m, value, ballot) ->
        assert(chosen[level] == NOTHING || chosen[level] == value);
        chosen[level] = value;
        committed[m] = committed[m] + 1;
        if
        :: committed[m] < ENTRIES && own -> level = committed[m]; choose(); take()
        :: else -> stop()
        fi }
    /* The owner decides, tells at most one peer, and restarts from a journal without the answers
       that led to the decision. */
    :: atomic { GOES_ON(WRITING) && DECIDED(voters, m, value, ballot) ->
        assert(chosen[level] == NOTHING || chosen[level] == value);
        chosen[level] = value;
        if
        :: skip
        :: committed[TOLD] == level ->
            AT(TOLD) = value;
            committed[TOLD] = committed[TOLD] + 1
        fi;
        forgetDraft();
        stop() }
    :: stage == IDLE && (tries == 0 || committed[m] == ENTRIES || !ANSWERS(m)) -> break
    od
}

/* A member with a longer log feeds a member with a shorter log. */
active proctype feeder() {
end:
    do
    :: atomic { committed[0] > committed[1] && ANSWERS(1) -> learn(0, 1) }
    :: atomic { committed[0] > committed[2] -> learn(0, 2) }
    :: atomic { committed[1] > committed[0] && ANSWERS(1) -> learn(1, 0) }
    :: atomic { committed[1] > committed[2] && ANSWERS(1) -> learn(1, 2) }
    :: atomic { committed[2] > committed[0] -> learn(2, 0) }
    :: atomic { committed[2] > committed[1] && ANSWERS(1) -> learn(2, 1) }
    od
}

init {
    atomic {
#ifdef LEAVER_TRIES
        run candidate(LEAVER, LEAVER_TRIES);
#endif
        run candidate(0, TRIES_0);
        run candidate(2, TRIES_2)
    }
}
