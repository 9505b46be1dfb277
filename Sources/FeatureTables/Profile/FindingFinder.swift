import Columnar

/// Looks for what is worth a look in a profile.
struct FindingFinder {
    private let profile: Profile
    private let fingerprints: [UInt64?]

    /// Below so many rows values may all differ without saying anything.
    private static let identifierRows = 50
    private static let identifierShare = 0.95
    private static let missingShare = 0.5
    private static let strongCorrelation = 0.95
    private static let leakingStrength = 0.99
    /// Pairs that are named.
    private static let mostCorrelations = 5

    /// - Parameter fingerprints: one a column; equal for columns that agree in every row.
    init(_ profile: Profile, fingerprints: [UInt64?]) {
        self.profile = profile
        self.fingerprints = fingerprints
    }

    func find() -> [ProfileFinding] {
        guard profile.rowCount > 0 else { return [] }
        return leaks() + profile.columns.flatMap(ofColumn) + duplicates() + correlations()
    }

    private func ofColumn(_ column: ColumnProfile) -> [ProfileFinding] {
        var found: [ProfileFinding] = []
        func add(_ kind: ProfileFinding.Kind, _ text: String) {
            found.append(ProfileFinding(kind: kind, column: column.name, text: text))
        }
        guard column.valueCount > 0 else {
            add(.empty, "has no values")
            return found
        }
        if let share = column.nullShare, share > Self.missingShare { add(.missing, "is NULL in \(Self.percent(share)) of the rows") }
        if let distinct = column.distinct {
            if distinct.count == 1, let value = column.minimum ?? column.top.first?.value {
                add(.constant, "has one value, '\(Self.short(value))'\(column.nullCount > 0 ? ", or NULL" : "")")
            } else if column.valueCount >= Self.identifierRows, Self.mayIdentify(column.type),
                Double(distinct.count) >= Self.identifierShare * Double(column.valueCount)
            {
                let count = min(distinct.count, column.valueCount)
                let about = distinct.isExact ? "" : "about "
                add(.identifier, "has \(about)\(count) different values in \(column.valueCount) rows: it may name the row")
            }
        }
        if let numbers = column.numbers, numbers.nans + numbers.infinities > 0 {
            let parts = [(numbers.nans, "NaN"), (numbers.infinities, "an infinity")].filter { $0.0 > 0 }
            add(.notFinite, "is " + parts.map { "\($0.1) in \($0.0) row(s)" }.joined(separator: " and ") + ": left out of mean, deviation and quantiles")
        }
        if let type = column.texts?.readableAs, column.distinct.map({ $0.count > 1 }) ?? false {
            add(.textNumbers, "is text that reads as \(type)")
        }
        return found
    }

    private static func mayIdentify(_ type: SQLType) -> Bool { type.isIntegral || type.isCharacter || type == .binary }

    private func duplicates() -> [ProfileFinding] {
        var first: [UInt64: Int] = [:]
        return profile.columns.indices.compactMap { index in
            let column = profile.columns[index]
            // Constant columns are told of already.
            guard let fingerprint = fingerprints[index], let distinct = column.distinct, distinct.count > 1 else { return nil }
            guard let known = first[fingerprint] else {
                first[fingerprint] = index
                return nil
            }
            let other = profile.columns[known]
            guard other.nullCount == column.nullCount, Self.isAlike(other.contents, column.contents) else { return nil }
            return ProfileFinding(kind: .duplicate, column: column.name, text: "is equal to \(other.name) in every row")
        }
    }

    /// Whether equal words are equal values.
    private static func isAlike(_ left: ColumnContents, _ right: ColumnContents) -> Bool {
        switch (left, right) {
        case (.words(_, let left), .words(_, let right)): left == right || (left.isFloating && right.isFloating)
        case (.texts, .texts): true
        default: false
        }
    }

    private func correlations() -> [ProfileFinding] {
        let strong = profile.correlations.filter { abs($0.coefficient ?? 0) >= Self.strongCorrelation }
            .sorted { abs($0.coefficient ?? 0) > abs($1.coefficient ?? 0) }
        return strong.prefix(Self.mostCorrelations).map { pair in
            ProfileFinding(
                kind: .correlated, column: profile.columns[pair.left].name,
                text: "goes with \(profile.columns[pair.right].name): correlation \(ReportNumber.fixed(pair.coefficient ?? 0, 3))")
        }
    }

    private func leaks() -> [ProfileFinding] {
        (profile.label?.associations ?? []).filter { $0.strength >= Self.leakingStrength }.map { association in
            let what: String
            if let area = association.areaUnderROC, abs(2 * area - 1) >= abs(association.value ?? 0) {
                what = "AUC \(ReportNumber.fixed(area, 4))"
            } else {
                what = "\(association.measure?.title ?? "association") \(ReportNumber.fixed(association.value ?? 0, 4))"
            }
            return ProfileFinding(
                kind: .leak, column: association.column, text: "tells the label by itself (\(what)): does it hold the answer?")
        }
    }

    private static func percent(_ share: Double) -> String { "\(ReportNumber.fixed(share * 100, 1)) %" }

    private static func short(_ text: String) -> String { text.count > 40 ? text.prefix(39) + "…" : text }
}

extension Association.Measure {
    /// For a person.
    package var title: String {
        switch self {
        case .pearson: "correlation"
        case .correlationRatio: "correlation ratio"
        case .cramersV: "Cramér's V"
        }
    }
}
