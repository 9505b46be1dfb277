import Platform

extension Profile {
    /// The profile as a JSON object; `docs/profile.md` says what its members mean.
    public func json() throws -> String { try tree.written(isIndented: true) }

    private var tree: JSON {
        ReportJSON.object([
            ("rows", ReportJSON.count(rowCount)), ("referenceRows", referenceRowCount.map { ReportJSON.count($0) }),
            ("columns", .array(columns.map(\.tree))),
            ("correlations", .array(correlations.compactMap { pair in
                pair.coefficient.map { coefficient in
                    ReportJSON.object([
                        ("left", .string(columns[pair.left].name)), ("right", .string(columns[pair.right].name)),
                        ("coefficient", ReportJSON.number(coefficient)),
                    ])
                }
            })),
            ("uncorrelatedColumns", uncorrelatedColumns > 0 ? ReportJSON.count(uncorrelatedColumns) : nil),
            ("label", label?.tree), ("drift", drift.map { .array($0.map(\.tree)) }),
            ("findings", .array(findings.map { finding in
                ReportJSON.object([
                    ("kind", .string(finding.kind.rawValue)), ("column", .string(finding.column)), ("text", .string(finding.text)),
                ])
            })),
        ])
    }
}

extension ColumnProfile {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("name", .string(name)), ("type", .string("\(type)")), ("nulls", ReportJSON.count(nullCount)),
            ("nullShare", ReportJSON.number(nullShare)), ("distinct", distinct.map { ReportJSON.count($0.count) }),
            ("distinctIsExact", distinct.map { .boolean($0.isExact) }), ("minimum", ReportJSON.text(minimum)),
            ("maximum", ReportJSON.text(maximum)), ("mean", ReportJSON.number(numbers?.mean)),
            ("meanText", ReportJSON.text(numbers?.meanText)), ("deviation", ReportJSON.number(numbers?.deviation)),
            ("zeros", type.isNumeric ? numbers.map { ReportJSON.count($0.zeros) } : nil),
            ("negatives", type.isNumeric ? numbers.map { ReportJSON.count($0.negatives) } : nil),
            ("nan", type.isFloatingPoint ? numbers.map { ReportJSON.count($0.nans) } : nil),
            ("infinite", type.isFloatingPoint ? numbers.map { ReportJSON.count($0.infinities) } : nil),
            ("quantiles", quantiles.isEmpty ? nil : .array(quantiles.map { quantile in
                ReportJSON.object([
                    ("fraction", ReportJSON.number(quantile.fraction)), ("value", .string(quantile.value)),
                    ("number", ReportJSON.number(quantile.number)),
                ])
            })),
            ("lengths", texts.map { texts in
                ReportJSON.object([
                    ("least", ReportJSON.count(texts.leastLength)), ("mean", ReportJSON.number(texts.meanLength)),
                    ("most", ReportJSON.count(texts.mostLength)), ("empty", ReportJSON.count(texts.empty)),
                ])
            }),
            ("readableAs", texts?.readableAs.map { .string("\($0)") }),
            ("top", .array(top.map { value in
                ReportJSON.object([("value", .string(value.value)), ("count", ReportJSON.count(value.count))])
            })),
            ("histogram", histogram.map { histogram in
                ReportJSON.object([
                    ("first", .string(histogram.first)), ("last", .string(histogram.last)),
                    ("edges", ReportJSON.numbers(histogram.edges)),
                    ("counts", ReportJSON.counts(histogram.counts)),
                ])
            }),
        ])
    }
}

extension LabelProfile {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("name", .string(name)), ("missing", ReportJSON.count(missing)),
            ("classes", classes.map { classes in
                .array(classes.map { ReportJSON.object([("name", .string($0.value)), ("rows", ReportJSON.count($0.count))]) })
            }),
            ("associations", .array(associations.map { association in
                ReportJSON.object([
                    ("column", .string(association.column)), ("measure", ReportJSON.text(association.measure?.rawValue)),
                    ("value", ReportJSON.number(association.value)),
                    ("mutualInformation", ReportJSON.number(association.mutualInformation)),
                    ("areaUnderROC", ReportJSON.number(association.areaUnderROC)), ("reason", ReportJSON.text(association.reason)),
                ])
            })),
        ])
    }
}

extension ColumnDrift {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("column", .string(column)), ("populationStability", ReportJSON.number(populationStability)),
            ("jensenShannon", ReportJSON.number(jensenShannon)), ("kolmogorovSmirnov", ReportJSON.number(kolmogorovSmirnov)),
            ("nullShare", ReportJSON.number(nullShare)), ("referenceNullShare", ReportJSON.number(referenceNullShare)),
            ("reason", ReportJSON.text(reason)),
        ])
    }
}
