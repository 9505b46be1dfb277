// swift-tools-version: 6.0
import PackageDescription

/// The targets form a pipeline; each may import only what stands below it (docs/architecture.md, checked by
/// `.ci/check-imports`).
let package = Package(
    name: "hiveql",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hiveql", targets: ["HiveQLCommand"]),
        .library(name: "HiveQL", targets: ["HiveQL"]),
    ],
    targets: [
        // Not named `hiveql`: `HiveQL` is the library, and file systems that ignore case would merge the two.
        .executableTarget(name: "HiveQLCommand", dependencies: ["HiveQL", "Platform"]),
        .target(name: "HiveQL", dependencies: ["Engine", "Exchange", "FeatureTables", "Learners", "Columnar"]),
        .target(name: "Exchange", dependencies: ["Learners", "FeatureTables", "TableFormats", "Columnar", "CZlib", "Platform"]),
        .target(name: "Learners", dependencies: ["FeatureTables", "Columnar", "CXGBoost", "Platform"]),
        .target(name: "FeatureTables", dependencies: ["Columnar", "Platform"]),
        .target(
            name: "Engine",
            dependencies: [
                "Exchange", "Learners", "FeatureTables", "Execution", "Planner", "TableFormats", "Expressions", "Functions", "Catalog",
                "Columnar", "HiveSyntax", "Platform",
            ]),
        .target(
            name: "Execution",
            dependencies: ["Planner", "TableFormats", "Expressions", "Functions", "Catalog", "Columnar", "Platform"]),
        .target(
            name: "Planner", dependencies: ["HiveSyntax", "Catalog", "Expressions", "Functions", "Columnar", "Platform"]),
        .target(name: "Expressions", dependencies: ["Functions", "Columnar", "Platform"]),
        .target(name: "Functions", dependencies: ["Columnar", "CZlib", "Platform"]),
        .target(name: "TableFormats", dependencies: ["Functions", "Columnar", "CKernels", "CZlib", "Platform"]),
        .target(name: "Catalog", dependencies: ["Columnar", "CSQLite", "Platform"]),
        .target(name: "Columnar", dependencies: ["CKernels", "Platform"]),
        .target(name: "HiveSyntax", dependencies: ["Platform"]),
        .target(name: "Platform"),
        .target(name: "CKernels"),
        .systemLibrary(
            name: "CSQLite", path: "Sources/CLibraries/CSQLite",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/CLibraries/CZlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CXGBoost", path: "Sources/CLibraries/CXGBoost",
            providers: [.apt(["libxgboost-dev"]), .brew(["xgboost"])]),
        .target(name: "TestSupport", dependencies: ["HiveQL", "Catalog"], path: "Tests/TestSupport"),
        .target(name: "FileRecorder", path: "Tests/FileRecorder"),
        .testTarget(name: "HiveSyntaxTests", dependencies: ["HiveSyntax", "Platform"]),
        .testTarget(name: "PlatformTests", dependencies: ["Platform"]),
        .testTarget(name: "ColumnarTests", dependencies: ["Columnar", "Platform"]),
        .testTarget(
            name: "FunctionsTests",
            dependencies: ["Functions", "Expressions", "Planner", "HiveSyntax", "Catalog", "Columnar", "TestSupport"]),
        .testTarget(name: "TableFormatsTests", dependencies: ["TableFormats", "Columnar", "CKernels"]),
        .testTarget(name: "CatalogTests", dependencies: ["Catalog", "Columnar"]),
        .testTarget(
            name: "PlannerTests", dependencies: ["Planner", "HiveSyntax", "Catalog", "Expressions", "Functions", "Columnar"]),
        .testTarget(
            name: "ExecutionTests",
            dependencies: ["Execution", "Planner", "Catalog", "TableFormats", "Expressions", "Functions", "Columnar", "Platform"]),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "HiveQL", "Engine", "Learners", "FeatureTables", "Functions", "Catalog", "Planner", "HiveSyntax", "Columnar", "CZlib",
                "Platform", "TestSupport", "FileRecorder",
            ],
            // `syncfs` is looked up by its name, and not linked: the dynamic linker has to know the recorder's.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=syncfs"], .when(platforms: [.linux]))]),
        .testTarget(name: "FeatureTablesTests", dependencies: ["FeatureTables", "Columnar", "Platform"]),
        .testTarget(name: "ExchangeTests", dependencies: ["Exchange", "Learners", "FeatureTables", "Columnar", "Platform"]),
        .testTarget(name: "LearnersTests", dependencies: ["Learners", "FeatureTables", "Columnar", "Platform"], exclude: ["Models"]),
        // Some of these run the program `hiveql`, which `make test` builds beside them.
        .testTarget(name: "HiveQLTests", dependencies: ["HiveQL", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
