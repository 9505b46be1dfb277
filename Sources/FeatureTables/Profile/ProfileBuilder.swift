import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Puts together what workers know.
package struct ProfileBuilder {
    private let worker: ProfileWorker
    private let moments: MomentSums
    private let formatter: TextFormatter

    private var plan: ProfilePlan { worker.plan }
    private var rowCount: Int { worker.rowCount }

    private static let fractions = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

    /// - Parameters:
    ///   - workers: of one plan; what they know is the builder's from now on.
    ///   - moments: of all rows, taken in the order of the source's pieces.
    ///   - zone: in which instants are shown.
    package init(_ plan: ProfilePlan, _ workers: [ProfileWorker], moments: MomentSums?, zone: ZoneRules = .utc) {
        worker = workers.first ?? ProfileWorker(plan, number: 0)
        for other in workers.dropFirst() { worker.merge(other) }
        worker.finish()
        self.moments = moments ?? MomentSums(columnCount: plan.numberCount, paired: plan.paired)
        formatter = TextFormatter(.output, zone: zone)
    }

    package func profile() -> Profile {
        let columns = plan.columns.indices.map(column)
        let correlations = plan.options.correlates ? self.correlations() : []
        let label = AssociationFinder(worker, moments, nameOfClass).label()
        var profile = Profile(
            rowCount: rowCount, columns: columns, correlations: correlations, uncorrelatedColumns: plan.uncorrelated, label: label,
            findings: [])
        profile.findings = FindingFinder(profile, fingerprints: plan.columns.indices.map(fingerprint)).find()
        return profile
    }

    private func column(_ index: Int) -> ColumnProfile {
        let planned = plan.columns[index]
        var result = ColumnProfile(
            name: planned.name, type: planned.type, rowCount: rowCount, nullCount: 0, quantiles: [], top: [], contents: .unknown)
        switch worker.counters[index] {
        case .places(let nulls): result.nullCount = nulls
        case .words(let counter): describe(counter, planned, &result)
        case .texts(let counter): describe(counter, planned, &result)
        }
        return result
    }

    // MARK: Numbers, dates, times, booleans

    private func describe(_ counter: WordCounter, _ planned: ProfilePlan.PlannedColumn, _ result: inout ColumnProfile) {
        let form = counter.form
        let ranges = counter.counts.ranges
        func text(_ word: UInt64) -> String { self.text(form.column(word, type: planned.type)) }
        result.nullCount = counter.nulls
        result.contents = .words(ranges, form)
        // NaN and the infinities are values too.
        let others = [counter.nans, counter.positiveInfinities, counter.negativeInfinities].count { $0 > 0 }
        result.distinct = DistinctCount(
            count: (counter.many?.distinctCount ?? ranges.ranges.count) + others, isExact: counter.many == nil)
        result.minimum = counter.negativeInfinities > 0 ? "-Infinity" : ranges.ranges.first.map { text($0.low) }
        result.maximum = counter.positiveInfinities > 0 ? "Infinity" : ranges.ranges.last.map { text($0.high) }
        if result.minimum == nil, counter.positiveInfinities > 0 { result.minimum = "Infinity" }
        if result.maximum == nil, counter.negativeInfinities > 0 { result.maximum = "-Infinity" }
        if form != .boolean {
            result.quantiles = Self.fractions.compactMap { quantile($0, ranges, form, planned.type) }
            result.histogram = histogram(ranges, form, planned.type)
        }
        result.numbers = numbers(counter, planned)
        result.top = top(counter, ranges).map { FrequentValue(value: text($0.word), count: $0.count) }
    }

    private func text(_ column: Column) -> String {
        let buffer = ByteBuffer(capacity: 64)
        formatter.append(column, row: 0, to: buffer)
        return buffer.string
    }

    /// Of numbers as numpy's `quantile` reads it, between two values by a straight line; of dates and times the lower value.
    private func quantile(_ fraction: Double, _ ranges: ValueRanges, _ form: WordForm, _ type: SQLType) -> Quantile? {
        guard ranges.total > 0 else { return nil }
        let place = fraction * Double(ranges.total - 1)
        let below = Int(place.rounded(.down))
        guard let low = ranges.word(at: below) else { return nil }
        let share = place - Double(below)
        let number = form.number(low)
        if form.isNumeric, share > 0, let high = ranges.word(at: below + 1), high != low {
            let between = Self.rounded(number + (form.number(high) - number) * share)
            if form == .integer, between == between.rounded() {
                return Quantile(fraction: fraction, value: text(form.column(WordForm.word(Int64(saturating: between)), type: type)), number: between)
            }
            return Quantile(fraction: fraction, value: text(.constant(between, type: .double, count: 1)), number: between)
        }
        return Quantile(fraction: fraction, value: text(form.column(low, type: type)), number: number)
    }

    private func histogram(_ ranges: ValueRanges, _ form: WordForm, _ type: SQLType) -> ValueHistogram? {
        guard let first = ranges.ranges.first, let last = ranges.ranges.last, first.low != last.high else { return nil }
        let least = form.number(first.low), greatest = form.number(last.high)
        // Not more bars than whole numbers or days, which would leave gaps.
        let steps = form == .integer || form == .date ? last.high - first.low : .max
        let bins = max(min(plan.options.histogramBins, Int(clamping: steps) + (steps < 1_000 ? 1 : 0)), 1)
        let width = greatest / Double(bins) - least / Double(bins)
        guard width > 0, width.isFinite else { return nil }
        let edges = (0...bins).map { $0 == bins ? greatest : least + width * Double($0) }
        var counts = [Int](repeating: 0, count: bins)
        for range in ranges.ranges {
            let low = form.number(range.low), high = form.number(range.high)
            var from = Self.bin(low, edges, width), to = from
            if high > low { to = Self.bin(high, edges, width) }
            guard to > from else {
                counts[from] += range.count
                continue
            }
            // Values of a range that lies in several bars are taken to be spread evenly.
            var taken = 0
            while from < to {
                let share = (edges[from + 1] - low) / (high - low)
                let upTo = min(max(Int((Double(range.count) * share).rounded()), taken), range.count)
                counts[from] += upTo - taken
                taken = upTo
                from += 1
            }
            counts[to] += range.count - taken
        }
        return ValueHistogram(
            edges: edges, counts: counts, first: text(form.column(first.low, type: type)), last: text(form.column(last.high, type: type)))
    }

    /// The bar that a number lies in, by the edges themselves: the quotient may be off by one.
    private static func bin(_ number: Double, _ edges: [Double], _ width: Double) -> Int {
        let last = edges.count - 2
        var bin = min(max(Int(min(max((number - edges[0]) / width, 0), Double(last))), 0), last)
        if bin > 0, number < edges[bin] { bin -= 1 }
        if bin < last, number >= edges[bin + 1] { bin += 1 }
        return bin
    }

    private func numbers(_ counter: WordCounter, _ planned: ProfilePlan.PlannedColumn) -> NumberProfile {
        var result = NumberProfile(
            zeros: counter.zeros, negatives: counter.negatives, nans: counter.nans,
            infinities: counter.positiveInfinities + counter.negativeInfinities)
        guard let number = planned.number, moments.columns[number].count > 0 else { return result }
        let own = moments.columns[number]
        guard own.mean.isFinite else { return result }
        let mean = Self.rounded(own.mean)
        result.mean = mean
        switch counter.form {
        case .integer, .single, .double, .decimal, .wideDecimal:
            result.deviation = own.deviation.flatMap { $0.isFinite ? Self.rounded($0) : nil }
            result.meanText = text(.constant(mean, type: .double, count: 1))
        case .date: result.meanText = instant(mean * 86_400, .timestamp)
        case .timestamp: result.meanText = instant(mean, planned.type)
        case .boolean, .months, .interval: break
        }
        return result
    }

    /// To the second: the mean of times is no exact one.
    private func instant(_ seconds: Double, _ type: SQLType) -> String {
        text(.constant(Timestamp(seconds: Int64(saturating: seconds.rounded())), type: type, count: 1))
    }

    /// To twelve digits: the last ones of a sum depend on how rows are cut into batches.
    static func rounded(_ value: Double) -> Double {
        guard value != 0, value.isFinite else { return value }
        let digits = 11 - Int(log10(abs(value)).rounded(.down))
        guard abs(digits) <= 22 else { return value }
        let power = pow(10, Double(abs(digits)))
        let scaled = digits >= 0 ? value * power : value / power
        guard scaled.isFinite else { return value }
        return digits >= 0 ? scaled.rounded() / power : scaled.rounded() * power
    }

    private func top(_ counter: WordCounter, _ ranges: ValueRanges) -> [(word: UInt64, count: Int)] {
        let candidates: [(word: UInt64, count: Int)] =
            counter.many.map { $0.frequentValues.map { ($0.value, $0.count) } } ?? ranges.ranges.map { ($0.low, $0.count) }
        return Array(candidates.sorted { ($1.count, $0.word) < ($0.count, $1.word) }.prefix(plan.options.topCount))
    }

    // MARK: Texts

    private func describe(_ counter: TextCounter, _ planned: ProfilePlan.PlannedColumn, _ result: inout ColumnProfile) {
        counter.conclude()
        result.nullCount = counter.nulls
        var kept: [(text: [UInt8], hash: UInt64, count: Int)] = []
        if let many = counter.many {
            kept = many.frequentValues.map { ($0.value, $0.hash, $0.count) }
            result.distinct = DistinctCount(count: many.distinctCount, isExact: false)
        } else {
            counter.counts.forEachText { text, hash, count in kept.append((Array(text.bytes), hash, count)) }
            result.distinct = DistinctCount(count: counter.counts.count, isExact: true)
        }
        result.contents = .texts(Dictionary(kept.map { ($0.hash, $0.count) }) { $0 + $1 })
        func shown(_ bytes: [UInt8]) -> String {
            bytes.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { LevelName.of(StringView($0, length: bytes.count)) } ?? ""
            }
        }
        result.minimum = counter.least.map(shown)
        result.maximum = counter.greatest.map(shown)
        kept.sort { $0.count != $1.count ? $0.count > $1.count : $0.text.lexicographicallyPrecedes($1.text) }
        result.top = kept.prefix(plan.options.topCount).map { FrequentValue(value: shown($0.text), count: $0.count) }
        guard result.valueCount > 0 else { return }
        let lengths = counter.lengths
        result.texts = TextProfile(
            leastLength: lengths.least, meanLength: Self.rounded(Double(lengths.sum) / Double(result.valueCount)),
            mostLength: lengths.most, empty: lengths.empty, readableAs: planned.type == .binary ? nil : counter.shape.type)
    }

    // MARK: The rest

    private func correlations() -> [Correlation] {
        let places = plan.columns.indices.filter { plan.columns[$0].number.map { $0 < plan.paired } ?? false }
            .filter { if case .words(let form) = plan.columns[$0].reading { form.isNumeric || form == .boolean } else { false } }
        var result: [Correlation] = []
        for (position, left) in places.enumerated() {
            for right in places[(position + 1)...] {
                result.append(Correlation(left: left, right: right, coefficient: moments.correlation(plan, left, right)))
            }
        }
        return result
    }

    private func fingerprint(_ index: Int) -> UInt64? {
        switch worker.counters[index] {
        case .words(let counter): counter.fingerprint
        case .texts(let counter): counter.fingerprint
        case .places: nil
        }
    }

    private func nameOfClass(_ name: LabelReader.ClassName) -> String {
        guard let label = plan.label else { return "" }
        switch name {
        case .word(let word):
            guard case .words(let form) = plan.columns[label].reading else { return "" }
            return text(form.column(word, type: plan.columns[label].type))
        case .text(let bytes):
            return bytes.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { LevelName.of(StringView($0, length: bytes.count)) } ?? ""
            }
        }
    }
}

extension MomentSums {
    /// Of two columns of a plan, to six digits; nil where it is not known.
    func correlation(_ plan: ProfilePlan, _ left: Int, _ right: Int) -> Double? {
        guard let first = plan.columns[left].number, let second = plan.columns[right].number, first != second,
            first < plan.paired, second < plan.paired
        else { return nil }
        let low = min(first, second), high = max(first, second)
        let before = low * (2 * plan.paired - low - 1) / 2
        return pairs[before + high - low - 1].correlation.map { ($0 * 1e6).rounded() / 1e6 }
    }
}
