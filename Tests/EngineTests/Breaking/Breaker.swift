#if os(Linux)
import Engine

/// Tries to break one part of the product, trial after trial, in a process of its own. A trial is made from the seed and
/// its number alone, so that it can be tried again.
protocol Breaker: AnyObject {
    /// - Parameter folder: for all that it writes; the process can write nowhere else.
    init(folder: String, seed: UInt64) throws

    /// Trials that stand on the same files; the first of them makes the files.
    var trialsOfARound: Int { get }

    /// Makes what the trials of a round stand on.
    /// - Returns: false when there is nothing more to try.
    func begin(round: Int) throws -> Bool

    /// Makes a trial, and does nothing yet.
    /// - Returns: what will be tried; nil leaves it out.
    func prepare(_ trial: Int) throws -> String?

    /// Does what `prepare` said.
    func run() throws -> BreakOutcome

    /// After the last trial of a round.
    /// - Returns: what is wrong with the files.
    func end(round: Int) throws -> BreakOutcome?

    /// Stops what runs; from any thread.
    func cancel()
}

extension Breaker {
    var trialsOfARound: Int { 1 }
    func begin(round: Int) throws -> Bool { true }
    func end(round: Int) throws -> BreakOutcome? { nil }
}

enum BreakOutcome {
    case value
    case refused
    /// Cancellation ended it.
    case stopped
    /// Answers that are to be the same are not, or rows are missing, or there are others.
    case mixed(String)
    /// Files that should not be there.
    case leftover(String)

    /// What a statement's error means.
    init(_ error: any Error) {
        let text = "\(error)"
        if (error as? HiveError)?.isCancellation == true {
            self = .stopped
        } else if text.contains("Internal error:") || text.contains("Invalid plan:") {
            self = .mixed(text)
        } else {
            self = .refused
        }
    }
}

/// The parts of the product that are broken.
enum BreakPart: String, CaseIterable {
    case statements, functions, files, models, kills, losses

    /// Of a hundred seconds.
    var share: Int {
        switch self {
        case .statements: 26
        case .functions: 22
        case .files: 9
        case .models: 5
        case .kills: 26
        case .losses: 12
        }
    }

    func breaker(folder: String, seed: UInt64) throws -> any Breaker {
        switch self {
        case .statements: try StatementBreaker(folder: folder, seed: seed)
        case .functions: try FunctionBreaker(folder: folder, seed: seed)
        case .files: try FileBreaker(folder: folder, seed: seed)
        case .models: try ModelBreaker(folder: folder, seed: seed)
        case .kills: try KillBreaker(folder: folder, seed: seed)
        case .losses: try LossBreaker(folder: folder, seed: seed)
        }
    }

    /// These start processes that write into folders of their own.
    var isConfined: Bool { self != .kills && self != .losses }
}
#endif
