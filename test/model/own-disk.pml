/*
 * The disk of a leader as a voter that answers, without its code: three members, of which two try
 * to lead, and one entry of the log. Each member works in memory. Its disk holds what memory held
 * at some earlier instant: a write ends at any time, and a crash takes memory back to the disk.
 *
 * A run leaves before the leader's disk holds the entry. Each safeguard can be taken away, and then
 * spin finds a violation:
 *
 *   NO_OWN_VOTE        a leader counts itself before its disk has answered
 *   NO_NEW_ELECTION    a restarted leader continues under its ballot
 *   NO_ANSWER_WAIT     an answer to a run leaves before the disk holds the entry
 *   NO_PROMISE_WAIT    a promise leaves before the disk holds it
 *   NO_BALLOT_RECORD   a run leaves before the disk holds the election
 *   NO_STATEMENT       a voter takes an entry in a run for an entry on the leader's disk
 *   NO_MARK_WAIT       a voter passes on a decision that needs its own vote, before its disk votes
 *
 * Checked: no two values are decided.
 */

#ifndef TRIES
#define TRIES 1
#endif
#ifndef CRASHES
#define CRASHES 2
#endif

#define MEMBERS 3
#define HAS(set, m) (((set) >> (m)) & 1)
#define COUNT(set) (HAS(set, 0) + HAS(set, 1) + HAS(set, 2))
#define MAJORITY(set) (COUNT(set) >= 2)

/* Memory, and what the disk holds of it. */
byte promised[MEMBERS], accepted[MEMBERS], entry[MEMBERS];
byte promisedOn[MEMBERS], acceptedOn[MEMBERS], entryOn[MEMBERS];

/* A candidate or leader: what it does, its ballot, and the votes for it. */
#define IDLE 0
#define PREPARING 1
#define LEADING 2
byte stage[2], ballot[2], voters[2], best[2], found[2], tries[2];
byte stageOn[2], ballotOn[2], bestOn[2], foundOn[2], votersOn[2];

/* A voter has a run under this ballot that states that the leader's disk holds the entry. */
byte stated[MEMBERS];

byte chosen, crashes;

#define NEXT(m) (promised[m] + 1 + ((promised[m] + 1 + m) % 2))

#ifdef NO_MARK_WAIT
#define MARKED(m) true
#else
#define MARKED(m) (acceptedOn[m] == accepted[m])
#endif

#ifdef NO_BALLOT_RECORD
#define RECORDED(m) true
#else
#define RECORDED(m) (stageOn[m] == LEADING && ballotOn[m] == ballot[m])
#endif

#ifdef NO_OWN_VOTE
#define VOTES(m) true
#else
#define VOTES(m) (acceptedOn[m] == ballot[m])
#endif

#ifdef NO_STATEMENT
#define STATES(m) true
#else
#define STATES(m) (acceptedOn[m] == ballot[m])
#endif

#ifdef NO_ANSWER_WAIT
#define ANSWERS(m, b) (accepted[m] == b)
#else
#define ANSWERS(m, b) (acceptedOn[m] == b)
#endif

inline decide(value) {
    assert(chosen == 0 || chosen == value);
    chosen = value
}

inline write(m) {
    promisedOn[m] = promised[m];
    acceptedOn[m] = accepted[m];
    entryOn[m] = entry[m];
    if
    :: m < 2 ->
        stageOn[m] = stage[m];
        ballotOn[m] = ballot[m];
        votersOn[m] = voters[m];
        bestOn[m] = best[m];
        foundOn[m] = found[m]
    :: else
    fi
}

inline crash(m) {
    promised[m] = promisedOn[m];
    accepted[m] = acceptedOn[m];
    entry[m] = entryOn[m];
    stated[m] = 0;
    if
    :: m < 2 ->
        stage[m] = stageOn[m];
        ballot[m] = ballotOn[m];
        voters[m] = 0;
        best[m] = bestOn[m];
        found[m] = foundOn[m];
        if
        :: stage[m] == PREPARING ->
            /* The answers are lost; its own promise is on the disk. */
            voters[m] = 1 << m;
            best[m] = accepted[m];
            found[m] = entry[m]
#ifndef NO_NEW_ELECTION
        :: stage[m] == LEADING -> stage[m] = IDLE
#endif
        :: else
        fi
    :: else
    fi
}

active [MEMBERS] proctype disk() {
    do
    :: atomic { true -> write(_pid) }
    :: atomic { crashes < CRASHES -> crashes++; crash(_pid) }
    od
}

/* A voter decides by the pair rule: the leader's disk and its own are a majority. */
active [MEMBERS] proctype pair() {
    byte m = _pid - MEMBERS;
    do
    :: atomic { accepted[m] != 0 && stated[m] == accepted[m] && MARKED(m) -> decide(entry[m]) }
    od
}

active [2] proctype candidate() {
    byte m = _pid - 2 * MEMBERS;
    byte other;
    do
    :: atomic { stage[m] != LEADING && tries[m] < TRIES ->
        tries[m]++;
        ballot[m] = NEXT(m);
        promised[m] = ballot[m];
        voters[m] = 1 << m;
        best[m] = accepted[m];
        found[m] = entry[m];
        stage[m] = PREPARING }
    /* The ballot is on the disk before the prepare leaves. */
    :: atomic { stage[m] == PREPARING && promised[m] == ballot[m] && promisedOn[m] == ballot[m] ->
        if
        :: other = (m + 1) % MEMBERS
        :: other = (m + 2) % MEMBERS
        fi;
        if
        :: ballot[m] >= promised[other] && ballot[m] != accepted[other] ->
            promised[other] = ballot[m];
#ifndef NO_PROMISE_WAIT
            write(other);
#endif
            voters[m] = voters[m] | (1 << other);
            if
            :: accepted[other] > best[m] ->
                best[m] = accepted[other];
                found[m] = entry[other]
            :: else
            fi
        :: else
        fi;
        other = 0 }
    :: atomic { stage[m] == PREPARING && promised[m] == ballot[m] && MAJORITY(voters[m]) ->
        stage[m] = LEADING;
        voters[m] = 0 }
    /* It proposes what it has found, or a value of its own choice. */
    :: atomic { stage[m] == LEADING && promised[m] == ballot[m] && accepted[m] != ballot[m] ->
        accepted[m] = ballot[m];
        if
        :: found[m] != 0 -> entry[m] = found[m]
        :: found[m] == 0 -> entry[m] = 1
        :: found[m] == 0 -> entry[m] = 2
        fi }
    /* A run. */
    :: atomic { stage[m] == LEADING && accepted[m] == ballot[m] && RECORDED(m) ->
        if
        :: other = (m + 1) % MEMBERS
        :: other = (m + 2) % MEMBERS
        fi;
        if
        :: ballot[m] >= promised[other] ->
            promised[other] = ballot[m];
            if
            /* Under the same ballot, equal numbers are equal entries. */
            :: accepted[other] == ballot[m]
            :: else -> accepted[other] = ballot[m]; entry[other] = entry[m]
            fi;
            if
            :: STATES(m) -> stated[other] = ballot[m]
            :: else
            fi
        :: else
        fi;
        other = 0 }
    /* The answer of a voter, and of its own disk. */
    :: atomic { stage[m] == LEADING && accepted[m] == ballot[m] ->
        if
        :: other = (m + 1) % MEMBERS
        :: other = (m + 2) % MEMBERS
        fi;
        if
        :: ANSWERS(other, ballot[m]) -> voters[m] = voters[m] | (1 << other)
        :: else
        fi;
        other = 0 }
    :: atomic { stage[m] == LEADING && accepted[m] == ballot[m] && VOTES(m) ->
        voters[m] = voters[m] | (1 << m) }
    :: atomic { stage[m] == LEADING && accepted[m] == ballot[m] && MAJORITY(voters[m]) ->
        decide(entry[m]) }
    od
}
