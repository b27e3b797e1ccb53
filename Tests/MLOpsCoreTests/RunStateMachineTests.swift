import Testing

@testable import MLOpsCore

/// The order of a run's writes, without a store, a clock or threads.
@Suite struct RunStateMachineTests {
    private typealias Machine = RunStateMachine<String, String>

    private static let id = Identifier<ExperimentRun>()
    private var machine = Machine(Self.id)
    private let finish = RunEnd(status: .completed)
    private let cancel = RunEnd(status: .cancelled)
    private let last = RunEnd(status: .failed, error: "gone", isFinal: true)

    private static func error(_ code: StoreError.Code) -> StoreError { StoreError(code, "test") }
    private static func outcome(_ code: StoreError.Code) -> BatchOutcome {
        BatchOutcome(.failure(error(code)))
    }
    private static func run(_ status: RunStatus) -> ExperimentRun {
        ExperimentRun(id: id, experiment: Identifier(), runName: "run", status: status)
    }

    // MARK: Points

    @Test mutating func aFlushOfNothingIsToldAtOnce() {
        #expect(machine.flush("A", pending: .none).words == ["tell A: stored"])
        #expect(machine.flush(pending: .none).words == [])
        #expect(!machine.isBusy && !machine.isEnded)
    }

    @Test mutating func aFlushIsToldAfterItsBatch() {
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        #expect(machine.isBusy)
        #expect(machine.written(.stored, pending: .none).words == ["tell A: stored"])
        #expect(!machine.isBusy)
    }

    @Test mutating func aFlushDuringABatchWaitsForTheNext() {
        #expect(machine.flush(pending: .batch).words == ["write"])
        #expect(machine.flush("A", pending: .batch).words == [])
        #expect(machine.written(.stored, pending: .batch).words == ["write"])
        #expect(machine.flush("B", pending: .none).words == [])
        #expect(
            machine.written(.stored, pending: .none).words
                == ["tell A: stored", "tell B: stored"])
    }

    @Test mutating func whatNobodyWaitsForWaitsForItsTime() {
        #expect(machine.flush(pending: .batch).words == ["write"])
        #expect(machine.written(.stored, pending: .batch).words == [])
        #expect(!machine.isBusy)
    }

    @Test mutating func anEndElsewhereIsToldToTheNextFlushOnce() {
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        let isNews = machine.foundEnded(as: .cancelled)
        #expect(isNews)
        let isStillNews = machine.foundEnded(as: .cancelled)
        #expect(!isStillNews)
        #expect(machine.written(.stored, pending: .none).words == ["tell A: conflict"])
        #expect(machine.flush("B", pending: .none).words == ["tell B: stored"])
        #expect(!machine.isEnded)
    }

    @Test mutating func anEndElsewhereWaitsForAFlush() {
        #expect(machine.flush(pending: .batch).words == ["write"])
        let isNews = machine.foundEnded(as: .failed)
        #expect(isNews)
        #expect(machine.written(.stored, pending: .none).words == [])
        #expect(machine.flush("A", pending: .none).words == ["tell A: conflict"])
        #expect(machine.end(finish, for: "A", pending: .none).words == ["end completed"])
        let isOwn = machine.foundEnded(as: .failed)
        #expect(!isOwn)
    }

    @Test(arguments: [StoreError.Code.diskFull, .commitUnknown, .closed])
    mutating func aBatchThatIsNotStoredIsToldAndKept(code: StoreError.Code) {
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        #expect(machine.flush("B", pending: .batch).words == [])
        let told = machine.written(Self.outcome(code), pending: .batches).words
        #expect(told == ["tell A: \(code.rawValue)", "tell B: \(code.rawValue)"])
        // The kept batch is written first; the flush waits for the points after it too.
        #expect(machine.flush("C", pending: .batches).words == ["write"])
        #expect(machine.written(.stored, pending: .batch).words == ["write"])
        #expect(machine.written(.stored, pending: .none).words == ["tell C: stored"])
    }

    @Test mutating func aRefusalIsToldOnce() {
        #expect(machine.flush(pending: .batch).words == ["write"])
        #expect(machine.written(Self.outcome(.notFound), pending: .none).words == [])
        #expect(machine.flush("A", pending: .none).words == ["tell A: notFound"])
        #expect(machine.flush("B", pending: .none).words == ["tell B: stored"])
    }

    @Test mutating func pointsBehindARefusedBatchGoOn() {
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        #expect(machine.flush("B", pending: .batch).words == [])
        let told = machine.written(Self.outcome(.invalidValue), pending: .batch).words
        #expect(told == ["tell A: invalidValue", "write"])
        #expect(machine.written(.stored, pending: .none).words == ["tell B: invalidValue"])
        #expect(machine.flush("C", pending: .none).words == ["tell C: stored"])
    }

    // MARK: The end

    @Test mutating func anEndWithoutPointsGoesAlone() {
        #expect(machine.end(finish, for: "F", pending: .none).words == ["end completed"])
        #expect(machine.isBusy && !machine.isEnded)
        #expect(machine.flush("A", pending: .none).words == ["tell A: stored"])
        let run = Self.run(.completed)
        #expect(machine.ended(.success(run), pending: .none).words == ["answer F: completed"])
        #expect(machine.isEnded && !machine.isBusy)
    }

    @Test mutating func anEndGoesWithTheLastPoints() {
        #expect(machine.end(finish, for: "F", pending: .batch).words == ["write, end completed"])
        let run = Self.run(.completed)
        let answer = machine.written(.stored, end: .success(run), pending: .none).words
        #expect(answer == ["answer F: completed"] && machine.isEnded)
    }

    @Test mutating func anEndWaitsForTheBatchUnderWay() {
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        #expect(machine.end(finish, for: "F", pending: .none).words == [])
        let told = machine.written(.stored, pending: .none).words
        #expect(told == ["tell A: stored", "end completed"])
    }

    @Test mutating func anEndGoesWithThePointsBehindTheBatchUnderWay() {
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        #expect(machine.end(finish, for: "F", pending: .batch).words == [])
        let told = machine.written(.stored, pending: .batch).words
        #expect(told == ["tell A: stored", "write, end completed"])
    }

    @Test mutating func anEndWaitsForTheBatchThatIsRepeated() {
        #expect(machine.end(finish, for: "F", pending: .batches).words == ["write"])
        let next = machine.written(.stored, pending: .batch).words
        #expect(next == ["write, end completed"])
    }

    @Test mutating func aRunWhoseEndFailsGoesOn() {
        #expect(machine.end(finish, for: "F", pending: .none).words == ["end completed"])
        let answer = machine.ended(.failure(Self.error(.busy)), pending: .none).words
        #expect(answer == ["reopen", "answer F: busy"] && !machine.isEnded)
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        #expect(machine.end(cancel, for: "C", pending: .none).words == [])
        let next = machine.written(.stored, pending: .none).words
        #expect(next == ["tell A: stored", "end cancelled"])
    }

    @Test mutating func aRunWhoseLastPointsAreNotStoredGoesOn() {
        #expect(machine.end(cancel, for: "C", pending: .batch).words == ["write, end cancelled"])
        let run = Self.run(.cancelled)
        let answer = machine.written(
            Self.outcome(.diskFull), end: .success(run), pending: .batch)
        #expect(answer.words == ["reopen", "answer C: diskFull"] && !machine.isEnded)
    }

    @Test mutating func anEndThatIsRefusedKeepsItsPoints() {
        #expect(machine.end(finish, for: "F", pending: .batch).words == ["write, end completed"])
        let refusal = Self.error(.permissionDenied)
        let answer = machine.written(.stored, end: .failure(refusal), pending: .none).words
        #expect(answer == ["reopen", "answer F: permissionDenied"] && !machine.isEnded)
    }

    @Test mutating func aClosedStoreTakesNoPointsAfterAnEnd() {
        #expect(machine.end(finish, for: "F", pending: .none).words == ["end completed"])
        let answer = machine.ended(.failure(StoreError.storeIsClosed), pending: .none).words
        #expect(answer == ["answer F: closed"])
    }

    @Test(arguments: [true, false])
    mutating func aRunThatSomebodyElseHasEndedHasEnded(hasPoints: Bool) {
        let conflict: Result<ExperimentRun, any Error> = .failure(Self.error(.conflict))
        _ = machine.end(finish, for: "F", pending: hasPoints ? .batch : .none)
        let answer =
            hasPoints
            ? machine.written(.stored, end: conflict, pending: .none)
            : machine.ended(conflict, pending: .none)
        #expect(answer.words == ["answer F: conflict"] && machine.isEnded)
        let second = machine.end(cancel, for: "C", pending: .none)
        #expect(second.words == ["answer C: conflict"])
    }

    // MARK: Several ends

    @Test mutating func aSecondEndComesTooLate() {
        #expect(machine.end(finish, for: "F", pending: .batch).words == ["write, end completed"])
        #expect(machine.end(cancel, for: "C", pending: .none).words == [])
        let run = Self.run(.completed)
        let answers = machine.written(.stored, end: .success(run), pending: .none).words
        #expect(answers == ["answer F: completed", "answer C: conflict"])
    }

    @Test mutating func aSecondEndFollowsOneThatFails() {
        #expect(machine.end(finish, for: "F", pending: .batch).words == ["write, end completed"])
        #expect(machine.end(cancel, for: "C", pending: .none).words == [])
        let next = machine.written(Self.outcome(.busy), pending: .batch).words
        #expect(next == ["answer F: busy", "write, end cancelled"])
    }

    // MARK: Refused points

    @Test mutating func aRunWhosePointsAreRefusedDoesNotPassForCompleted() {
        #expect(machine.end(finish, for: "F", pending: .batch).words == ["write, end completed"])
        let answer = machine.written(Self.outcome(.invalidValue), pending: .none).words
        #expect(answer == ["reopen", "answer F: invalidValue"])
        // Thrown only once: the run may then end without the points.
        #expect(machine.end(finish, for: "G", pending: .none).words == ["end completed"])
    }

    @Test mutating func aRunWhosePointsAreRefusedIsCancelledAllTheSame() {
        #expect(machine.end(cancel, for: "C", pending: .batch).words == ["write, end cancelled"])
        let next = machine.written(Self.outcome(.invalidValue), pending: .none).words
        #expect(next == ["end cancelled"])
    }

    @Test mutating func anEndIsToldOfARefusalThatNobodyWasTold() {
        #expect(machine.flush(pending: .batch).words == ["write"])
        #expect(machine.written(Self.outcome(.notFound), pending: .none).words == [])
        let answer = machine.end(finish, for: "F", pending: .none).words
        #expect(answer == ["reopen", "answer F: notFound"])
    }

    @Test mutating func aRefusalDuringAnEndIsToldAfterThePointsBehindIt() {
        #expect(machine.flush(pending: .batch).words == ["write"])
        #expect(machine.end(finish, for: "F", pending: .batch).words == [])
        #expect(machine.written(Self.outcome(.notFound), pending: .batch).words == ["write"])
        let answer = machine.written(.stored, pending: .none).words
        #expect(answer == ["reopen", "answer F: notFound"])
    }

    // MARK: Unknown commits

    @Test mutating func theStoreIsAskedAfterAnUnknownCommit() {
        let run = Self.run(.completed)
        #expect(machine.end(finish, for: "F", pending: .batch).words == ["write, end completed"])
        let again = machine.written(
            Self.outcome(.commitUnknown), end: .success(run), pending: .batch)
        #expect(again.words == ["write, end completed"])
        let conflict = Self.error(.conflict)
        let look = machine.written(.stored, end: .failure(conflict), pending: .none)
        #expect(look.words == ["find"] && machine.isBusy)
        #expect(machine.found(.success(run), pending: .none).words == ["answer F: completed"])
        #expect(machine.isEnded && !machine.isBusy)
    }

    @Test mutating func anUnknownCommitThatWasNotDoneIsDoneAgain() {
        let run = Self.run(.completed)
        #expect(machine.end(finish, for: "F", pending: .none).words == ["end completed"])
        let again = machine.ended(.failure(Self.error(.commitUnknown)), pending: .none).words
        #expect(again == ["end completed"])
        #expect(machine.ended(.success(run), pending: .none).words == ["answer F: completed"])
    }

    @Test(arguments: [(RunStatus.completed, "completed"), (.failed, "conflict")])
    mutating func anEndOfAnotherStatusIsSomebodyElses(status: RunStatus, answer: String) {
        _ = machine.end(finish, for: "F", pending: .none)
        _ = machine.ended(.failure(Self.error(.commitUnknown)), pending: .none)
        #expect(
            machine.ended(.failure(Self.error(.conflict)), pending: .none).words == ["find"])
        let found = machine.found(.success(Self.run(status)), pending: .none).words
        #expect(found == ["answer F: \(answer)"] && machine.isEnded)
    }

    @Test mutating func anEndIsRepeatedOnceAndRemembered() {
        let unknown = Self.error(.commitUnknown)
        #expect(machine.end(finish, for: "F", pending: .none).words == ["end completed"])
        #expect(machine.ended(.failure(unknown), pending: .none).words == ["end completed"])
        let answer = machine.ended(.failure(unknown), pending: .none).words
        #expect(answer == ["reopen", "answer F: commitUnknown"])
        #expect(machine.end(finish, for: "G", pending: .none).words == ["end completed"])
        #expect(
            machine.ended(.failure(Self.error(.conflict)), pending: .none).words == ["find"])
        let lost = machine.found(.failure(Self.error(.connectionLost)), pending: .none).words
        #expect(lost == ["reopen", "answer G: connectionLost"] && !machine.isEnded)
    }

    @Test mutating func pointsOfAnUnknownCommitAreWrittenAgainBeforeTheEnd() {
        #expect(machine.flush("A", pending: .batch).words == ["write"])
        #expect(machine.end(finish, for: "F", pending: .batch).words == [])
        let again = machine.written(Self.outcome(.commitUnknown), pending: .batches).words
        #expect(again == ["tell A: commitUnknown", "write"])
        #expect(machine.written(.stored, pending: .batch).words == ["write, end completed"])
        // The end had not been tried before, so the conflict is not its own.
        let conflict = Self.error(.conflict)
        let answer = machine.written(.stored, end: .failure(conflict), pending: .none).words
        #expect(answer == ["answer F: conflict"])
    }

    @Test mutating func pointsAreRepeatedOnceForAnEnd() {
        _ = machine.end(finish, for: "F", pending: .batch)
        _ = machine.written(Self.outcome(.commitUnknown), pending: .batch)
        let answer = machine.written(Self.outcome(.commitUnknown), pending: .batch).words
        #expect(answer == ["reopen", "answer F: commitUnknown"])
    }

    // MARK: Final ends

    @Test mutating func aFinalEndDoesNotWaitForPointsThatCannotBeWritten() {
        #expect(machine.end(last, for: "L", pending: .batch).words == ["write, end failed"])
        let next = machine.written(Self.outcome(.diskFull), pending: .batch).words
        #expect(next == ["end failed"])
        let run = Self.run(.failed)
        #expect(machine.ended(.success(run), pending: .batch).words == ["answer L: failed"])
        #expect(machine.isEnded)
    }

    @Test mutating func aFinalEndIsTheLastAttempt() {
        #expect(machine.end(last, for: "L", pending: .none).words == ["end failed"])
        let answer = machine.ended(.failure(Self.error(.diskFull)), pending: .none).words
        #expect(answer == ["answer L: diskFull"] && machine.isEnded)
    }

    @Test mutating func aFlushDuringAFinalEndTriesThePointsAgain() {
        _ = machine.end(last, for: "L", pending: .batch)
        _ = machine.written(Self.outcome(.diskFull), pending: .batch)
        #expect(machine.flush("A", pending: .batch).words == [])
        let next = machine.ended(.success(Self.run(.failed)), pending: .batch).words
        #expect(next == ["answer L: failed", "write"])
        #expect(machine.written(.stored, pending: .none).words == ["tell A: stored"])
    }
}

extension [RunStateMachine<String, String>.Action] {
    fileprivate var words: [String] {
        map { action in
            switch action {
            case .write(let end): end.map { "write, end \($0.status)" } ?? "write"
            case .end(let end): "end \(end.status)"
            case .find: "find"
            case .reopen: "reopen"
            case .tell(let waiter, .success): "tell \(waiter): stored"
            case .tell(let waiter, .failure(let error)): "tell \(waiter): \(code(error))"
            case .answer(let caller, .success(let run)): "answer \(caller): \(run.status)"
            case .answer(let caller, .failure(let error)): "answer \(caller): \(code(error))"
            }
        }
    }

    private func code(_ error: any Error) -> String {
        (error as? StoreError)?.code.rawValue ?? "\(error)"
    }
}
