import Catalog
import Learners
import Planner
import Platform

/// The models that a session sees, read from their files once.
final class SessionModels: ModelProvider {
    private let catalog: SessionCatalog
    private let folder: (Table) throws -> String

    /// - Parameter folder: where a model's file is.
    init(_ catalog: SessionCatalog, folder: @escaping (Table) throws -> String) {
        self.catalog = catalog
        self.folder = folder
    }

    /// The name of a model's file in its folder.
    static let fileName = "model"

    func model(database: String, name: String) throws -> (any PlannableModel)? {
        guard let table = try catalog.model(database: database, name: name) else { return nil }
        return CatalogModel(table: table, trained: try trained(table))
    }

    func modelNames(database: String) throws -> [String] { try catalog.modelNames(database: database) }

    /// - Throws: `HiveError` when the file is gone or no model.
    func trained(_ table: Table) throws -> TrainedModel {
        let path = FolderListing.path(try folder(table), Self.fileName)
        do { return try catalog.warehouse.models.model(at: path) } catch let error as LearnerError {
            throw HiveError.task("Model \(table.qualifiedName) cannot be read. \(error)")
        }
    }
}

/// Models that were read, by their files.
final class ModelCache: Sendable {
    private struct Entry {
        let status: FileStatus
        let model: TrainedModel
        var lastUse: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var uses = 0
    }

    private let state = Guarded(State())
    private static let mostEntries = 16

    /// The model of a file, read anew when the file is another one.
    /// - Throws: as `TrainedModel.load`.
    func model(at path: String) throws -> TrainedModel {
        let status = try? FileStatus.of(path)
        let known = state.withLock { state -> TrainedModel? in
            state.uses += 1
            guard let status, let entry = state.entries[path], entry.status.isSameFile(as: status) else { return nil }
            state.entries[path]?.lastUse = state.uses
            return entry.model
        }
        if let known { return known }
        let model = try TrainedModel.load(from: path)
        guard let status else { return model }
        state.withLock { state in
            state.entries[path] = Entry(status: status, model: model, lastUse: state.uses)
            if state.entries.count > Self.mostEntries, let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                state.entries[oldest.key] = nil
            }
        }
        return model
    }
}

extension FileStatus {
    /// Whether nothing but the time of the last look differs.
    fileprivate func isSameFile(as other: FileStatus) -> Bool {
        node == other.node && byteCount == other.byteCount && modified == other.modified
    }
}
