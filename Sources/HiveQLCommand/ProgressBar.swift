import Foundation
import HiveQL
import Synchronization

/// A line on a terminal's standard error that shows how far a query is, once it has run for a second.
final class ProgressBar: @unchecked Sendable {
    private let session: Session
    private let isEnabled: Bool
    private let state = Mutex<State>(.idle)

    private enum State { case idle, running, shown, paused }

    init(session: Session, isEnabled: Bool) {
        self.session = session
        self.isEnabled = isEnabled && isatty(STDERR_FILENO) == 1
    }

    func start() {
        guard isEnabled else { return }
        state.withLock { $0 = .running }
        let begin = Date()
        let thread = Thread { [self] in
            while true {
                Thread.sleep(forTimeInterval: 0.1)
                let goesOn = state.withLock { state -> Bool in
                    guard state == .running || state == .shown else { return false }
                    let elapsed = Date().timeIntervalSince(begin)
                    guard elapsed > 1, let progress = session.progress else { return true }
                    state = .shown
                    FileHandle.standardError.write(Data(("\r" + Self.line(progress, elapsed) + "\u{1B}[K").utf8))
                    return true
                }
                if !goesOn { return }
            }
        }
        thread.start()
    }

    /// Rows are about to be printed: the bar goes away for good.
    func pause() { end(.paused) }

    func stop() { end(.idle) }

    private func end(_ next: State) {
        guard isEnabled else { return }
        state.withLock { state in
            if state == .shown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
            state = next
        }
    }

    private static func line(_ progress: Session.Progress, _ elapsed: TimeInterval) -> String {
        let seconds = String(format: "%.0f s", elapsed)
        let rows = Self.short(Double(progress.rowsScanned))
        guard let fraction = progress.fraction else { return "\(seconds)  \(rows) rows" }
        let width = 30
        let filled = Int(fraction * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let bytes = Self.short(Double(progress.bytesScanned))
        return "\(bar) \(Int(fraction * 100)) %  \(rows) rows  \(bytes)B  \(seconds)"
    }

    /// `12.3 M`
    private static func short(_ value: Double) -> String {
        for (limit, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= limit {
            return String(format: "%.1f ", value / limit) + unit
        }
        return String(format: "%.0f ", value)
    }
}
