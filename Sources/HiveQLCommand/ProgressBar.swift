import HiveQL
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A line on a terminal's standard error that shows how far a query is, once it has run for a second.
final class ProgressBar: Sendable {
    private let executor: any StatementExecutor
    private let isEnabled: Bool
    private let state = Guarded(State.idle)

    private enum State { case idle, running, shown }

    init(_ executor: any StatementExecutor, isEnabled: Bool) {
        self.executor = executor
        self.isEnabled = isEnabled && Console.errorIsTerminal
    }

    func start() {
        guard isEnabled else { return }
        state.withLock { $0 = .running }
        startThread { [self] in
            let begin = ContinuousClock.now
            while true {
                usleep(100_000)
                let goesOn = state.withLock { state -> Bool in
                    guard state != .idle else { return false }
                    let elapsed = begin.duration(to: .now)
                    guard elapsed > .seconds(1), let progress = executor.progress else { return true }
                    state = .shown
                    Console.status("\r" + Self.line(progress, elapsed.components.seconds) + "\u{1B}[K")
                    return true
                }
                if !goesOn { return }
            }
        }
    }

    /// The query has ended, or rows are about to be printed: the bar goes away for good.
    func stop() {
        guard isEnabled else { return }
        state.withLock { state in
            if state == .shown { Console.status("\r\u{1B}[K") }
            state = .idle
        }
    }

    private static func line(_ progress: StatementProgress, _ seconds: Int64) -> String {
        let rows = Self.short(progress.rowsScanned)
        guard let fraction = progress.fraction else { return "\(seconds) s  \(rows) rows" }
        let width = 30
        let filled = min(max(Int(fraction * Double(width)), 0), width)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) \(Int(fraction * 100)) %  \(rows) rows  \(Self.short(progress.bytesScanned))B  \(seconds) s"
    }

    /// `12.3 M`
    private static func short(_ count: Int) -> String {
        let value = Double(count)
        for (limit, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= limit {
            return (value / limit).formatted(decimals: 1) + " " + unit
        }
        return "\(count) "
    }
}
