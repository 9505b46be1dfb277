import CXGBoost

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The functions of XGBoost's C interface that are used here, found in the library at its first use.
///
/// The library is opened and not linked, so that commands that train no trees do not pay for loading it.
struct XGBoostLibrary: @unchecked Sendable {
    // Unchecked: pointers to C functions are the same for all threads.
    typealias Text = UnsafePointer<CChar>
    typealias Status = CInt

    let lastError: @convention(c) () -> Text?
    let setGlobalConfig: @convention(c) (Text?) -> Status
    let matrixFromDense: @convention(c) (Text?, Text?, UnsafeMutablePointer<DMatrixHandle?>?) -> Status
    let matrixFromSparse: @convention(c) (
        Text?, Text?, Text?, bst_ulong, Text?, UnsafeMutablePointer<DMatrixHandle?>?
    ) -> Status
    /// What makes a matrix of quantiles; nil in versions that have none (before 1.7).
    let quantiles: Quantiles?
    let matrixSetFloats: @convention(c) (DMatrixHandle?, Text?, UnsafePointer<Float>?, bst_ulong) -> Status
    let matrixFree: @convention(c) (DMatrixHandle?) -> Status
    let boosterCreate: @convention(c) (UnsafePointer<DMatrixHandle?>?, bst_ulong, UnsafeMutablePointer<BoosterHandle?>?) -> Status
    let boosterFree: @convention(c) (BoosterHandle?) -> Status
    let boosterSet: @convention(c) (BoosterHandle?, Text?, Text?) -> Status
    let boosterSetAttribute: @convention(c) (BoosterHandle?, Text?, Text?) -> Status
    let boosterSetNames: @convention(c) (BoosterHandle?, Text?, UnsafeMutablePointer<Text?>?, bst_ulong) -> Status
    let boosterUpdate: @convention(c) (BoosterHandle?, CInt, DMatrixHandle?) -> Status
    let boosterEvaluate: @convention(c) (
        BoosterHandle?, CInt, UnsafeMutablePointer<DMatrixHandle?>?, UnsafeMutablePointer<Text?>?, bst_ulong,
        UnsafeMutablePointer<Text?>?
    ) -> Status
    let boosterSlice: @convention(c) (BoosterHandle?, CInt, CInt, CInt, UnsafeMutablePointer<BoosterHandle?>?) -> Status
    let boosterPredict: @convention(c) (
        BoosterHandle?, DMatrixHandle?, Text?, UnsafeMutablePointer<UnsafePointer<bst_ulong>?>?,
        UnsafeMutablePointer<bst_ulong>?, UnsafeMutablePointer<UnsafePointer<Float>?>?
    ) -> Status
    let boosterSave: @convention(c) (
        BoosterHandle?, Text?, UnsafeMutablePointer<bst_ulong>?, UnsafeMutablePointer<Text?>?
    ) -> Status
    let boosterLoad: @convention(c) (BoosterHandle?, UnsafeRawPointer?, bst_ulong) -> Status
    let boosterFeatureScore: @convention(c) (
        BoosterHandle?, Text?, UnsafeMutablePointer<bst_ulong>?,
        UnsafeMutablePointer<UnsafeMutablePointer<Text?>?>?, UnsafeMutablePointer<bst_ulong>?,
        UnsafeMutablePointer<UnsafePointer<bst_ulong>?>?, UnsafeMutablePointer<UnsafePointer<Float>?>?
    ) -> Status

    struct Quantiles {
        typealias Reset = @convention(c) (UnsafeMutableRawPointer?) -> Void
        typealias Next = @convention(c) (UnsafeMutableRawPointer?) -> CInt

        let proxyCreate: @convention(c) (UnsafeMutablePointer<DMatrixHandle?>?) -> Status
        let proxySetDense: @convention(c) (DMatrixHandle?, Text?) -> Status
        let create: @convention(c) (
            UnsafeMutableRawPointer?, DMatrixHandle?, UnsafeMutableRawPointer?, Reset?, Next?, Text?, UnsafeMutablePointer<DMatrixHandle?>?
        ) -> Status

        fileprivate init?(_ library: UnsafeMutableRawPointer) {
            guard let proxyCreate = dlsym(library, "XGProxyDMatrixCreate"),
                let proxySetDense = dlsym(library, "XGProxyDMatrixSetDataDense"),
                let create = dlsym(library, "XGQuantileDMatrixCreateFromCallback")
            else { return nil }
            self.proxyCreate = unsafeBitCast(
                proxyCreate, to: (@convention(c) (UnsafeMutablePointer<DMatrixHandle?>?) -> Status).self)
            self.proxySetDense = unsafeBitCast(proxySetDense, to: (@convention(c) (DMatrixHandle?, Text?) -> Status).self)
            self.create = unsafeBitCast(
                create,
                to: (@convention(c) (
                    UnsafeMutableRawPointer?, DMatrixHandle?, UnsafeMutableRawPointer?, Reset?, Next?, Text?,
                    UnsafeMutablePointer<DMatrixHandle?>?
                ) -> Status).self)
        }
    }

    private static let opened: Result<XGBoostLibrary, LearnerError> = {
        do { return .success(try XGBoostLibrary()) } catch let error as LearnerError { return .failure(error) } catch {
            return .failure(.library("\(error)"))
        }
    }()

    /// The library, opened once a process.
    /// - Throws: `LearnerError.libraryMissing`, which names the package to install.
    static func shared() throws -> XGBoostLibrary { try opened.get() }

    private init() throws {
        #if os(macOS)
        let names = ["libxgboost.dylib", "/opt/homebrew/lib/libxgboost.dylib", "/usr/local/lib/libxgboost.dylib"]
        let package = "brew install xgboost"
        #else
        let names = ["libxgboost.so.0", "libxgboost.so"]
        let package = "apt-get install libxgboost0"
        #endif
        var library: UnsafeMutableRawPointer?
        // Its threads would spin while they wait for each other, for ages where other programs have the cores.
        setenv("OMP_WAIT_POLICY", "PASSIVE", 0)
        for name in names where library == nil { library = dlopen(name, RTLD_NOW | RTLD_LOCAL) }
        guard let library else {
            let reason = dlerror().map { String(cString: $0) } ?? "not found"
            throw LearnerError.libraryMissing(
                "boosted trees need the XGBoost library, which cannot be loaded (\(reason)): \(package)")
        }
        func find<T>(_ name: String, as _: T.Type) throws -> T {
            guard let symbol = dlsym(library, name) else {
                throw LearnerError.libraryMissing("the installed XGBoost library has no \(name): version 1.6 or newer is needed")
            }
            return unsafeBitCast(symbol, to: T.self)
        }
        lastError = try find("XGBGetLastError", as: (@convention(c) () -> Text?).self)
        setGlobalConfig = try find("XGBSetGlobalConfig", as: (@convention(c) (Text?) -> Status).self)
        matrixFromDense = try find(
            "XGDMatrixCreateFromDense",
            as: (@convention(c) (Text?, Text?, UnsafeMutablePointer<DMatrixHandle?>?) -> Status).self)
        matrixFromSparse = try find(
            "XGDMatrixCreateFromCSR",
            as: (@convention(c) (Text?, Text?, Text?, bst_ulong, Text?, UnsafeMutablePointer<DMatrixHandle?>?) -> Status).self)
        quantiles = Quantiles(library)
        matrixSetFloats = try find(
            "XGDMatrixSetFloatInfo",
            as: (@convention(c) (DMatrixHandle?, Text?, UnsafePointer<Float>?, bst_ulong) -> Status).self)
        matrixFree = try find("XGDMatrixFree", as: (@convention(c) (DMatrixHandle?) -> Status).self)
        boosterCreate = try find(
            "XGBoosterCreate",
            as: (@convention(c) (UnsafePointer<DMatrixHandle?>?, bst_ulong, UnsafeMutablePointer<BoosterHandle?>?) -> Status)
                .self)
        boosterFree = try find("XGBoosterFree", as: (@convention(c) (BoosterHandle?) -> Status).self)
        boosterSet = try find("XGBoosterSetParam", as: (@convention(c) (BoosterHandle?, Text?, Text?) -> Status).self)
        boosterSetAttribute = try find("XGBoosterSetAttr", as: (@convention(c) (BoosterHandle?, Text?, Text?) -> Status).self)
        boosterSetNames = try find(
            "XGBoosterSetStrFeatureInfo",
            as: (@convention(c) (BoosterHandle?, Text?, UnsafeMutablePointer<Text?>?, bst_ulong) -> Status).self)
        boosterUpdate = try find(
            "XGBoosterUpdateOneIter", as: (@convention(c) (BoosterHandle?, CInt, DMatrixHandle?) -> Status).self)
        boosterEvaluate = try find(
            "XGBoosterEvalOneIter",
            as: (@convention(c) (
                BoosterHandle?, CInt, UnsafeMutablePointer<DMatrixHandle?>?, UnsafeMutablePointer<Text?>?, bst_ulong,
                UnsafeMutablePointer<Text?>?
            ) -> Status).self)
        boosterSlice = try find(
            "XGBoosterSlice",
            as: (@convention(c) (BoosterHandle?, CInt, CInt, CInt, UnsafeMutablePointer<BoosterHandle?>?) -> Status).self)
        boosterPredict = try find(
            "XGBoosterPredictFromDMatrix",
            as: (@convention(c) (
                BoosterHandle?, DMatrixHandle?, Text?, UnsafeMutablePointer<UnsafePointer<bst_ulong>?>?,
                UnsafeMutablePointer<bst_ulong>?, UnsafeMutablePointer<UnsafePointer<Float>?>?
            ) -> Status).self)
        boosterSave = try find(
            "XGBoosterSaveModelToBuffer",
            as: (@convention(c) (
                BoosterHandle?, Text?, UnsafeMutablePointer<bst_ulong>?, UnsafeMutablePointer<Text?>?
            ) -> Status).self)
        boosterLoad = try find(
            "XGBoosterLoadModelFromBuffer",
            as: (@convention(c) (BoosterHandle?, UnsafeRawPointer?, bst_ulong) -> Status).self)
        boosterFeatureScore = try find(
            "XGBoosterFeatureScore",
            as: (@convention(c) (
                BoosterHandle?, Text?, UnsafeMutablePointer<bst_ulong>?,
                UnsafeMutablePointer<UnsafeMutablePointer<Text?>?>?, UnsafeMutablePointer<bst_ulong>?,
                UnsafeMutablePointer<UnsafePointer<bst_ulong>?>?, UnsafeMutablePointer<UnsafePointer<Float>?>?
            ) -> Status).self)
        // Warnings would go to the standard streams; errors come back as error texts.
        _ = setGlobalConfig(#"{"verbosity": 0}"#)
    }

    /// - Throws: `LearnerError.library` with what XGBoost says when `status` is not 0.
    func check(_ status: Status) throws {
        guard status != 0 else { return }
        throw LearnerError.library(XGBoostMessage.plain(lastError().map { String(cString: $0) } ?? "unknown error"))
    }
}
