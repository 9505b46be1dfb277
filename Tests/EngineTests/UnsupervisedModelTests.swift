import Engine
import Foundation
import TestSupport
import Testing

/// Models without a label in SQL: clusters, principal components, anomalies.
@Suite struct UnsupervisedModelTests {
    /// Four clouds of points of two kinds, and a row far from all of them.
    private let points = """
        create table points as
        select pos as id, pos % 2 * 10 + pos % 7 * 0.1D as x, floor(pos % 4 / 2) * 10 + pos % 5 * 0.1D as y, if(pos % 4 < 2, 'low', 'high') as kind
        from (select posexplode(split(space(799), ' ')) as (pos, word)) n
        union all select 1000, 40.0D, -30.0D, 'low'
        """

    private func session(_ temporary: TemporaryWarehouse) throws -> Session {
        let session = try temporary.session()
        try session.execute(points)
        return session
    }

    private let clusters = """
        create or replace model clouds options (model_type = 'kmeans', num_clusters = 4, standardize_features = true, identifier_cols = 'id')
        as select * from points where id < 800
        """

    @Test func clustersInSQL() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(clusters)
        #expect(try session.lines("describe model clouds") == ["x\tdouble\tfeature", "y\tdouble\tfeature", "kind\tstring\tfeature"])
        let rows = try session.query("select * from ml.predict(model clouds, table points) p where id = 5")
        #expect(rows.schema.map(\.name) == ["centroid_id", "nearest_centroids_distance", "id", "x", "y", "kind"])
        #expect(rows.schema.map { "\($0.type)" }.prefix(2) == ["bigint", "array<struct<centroid_id:bigint,distance:double>>"])
        // A cluster a cloud, and distances from the nearest on.
        #expect(
            try session.lines(
                """
                select count(*), count(distinct centroid_id), count(distinct id % 4, centroid_id),
                  sum(if(d[0].centroid_id = centroid_id and d[0].distance <= d[1].distance and d[2].distance <= d[3].distance, 1, 0))
                from (select id, centroid_id, nearest_centroids_distance as d from ml.predict(model clouds, table points) p where id < 800) q
                """) == ["800\t4\t4\t800"])
        #expect(
            try session.lines(
                """
                select count(*), sum(if(abs(c.numerical_value - m.x) < 1e-9, 1, 0)) from ml.centroids(model clouds) c
                join (select centroid_id as i, avg(x) as x from ml.predict(model clouds, table points) p where id < 800 group by centroid_id) m on m.i = c.centroid_id
                where c.feature = 'x'
                """) == ["4\t4"])
        let centroids = try session.query("select * from ml.centroids(model clouds) where feature = 'kind' order by centroid_id")
        #expect(centroids.schema.map(\.name) == ["centroid_id", "feature", "numerical_value", "categorical_value"])
        #expect(centroids.rowCount == 4)
        #expect(
            try session.lines("select distinct numerical_value, categorical_value[0].category from ml.centroids(model clouds) c where feature = 'kind'")
                .count == 1)
        let own = try session.lines("select davies_bouldin_index, mean_squared_distance, row_count from ml.evaluate(model clouds) e")
        #expect(own[0].hasSuffix("\t800"))
        for threads in ["1", "3"] {
            try session.execute("set hiveql.threads=\(threads)")
            #expect(
                try session.lines(
                    """
                    select abs(e.davies_bouldin_index - o.davies_bouldin_index) < 1e-9, abs(e.mean_squared_distance - o.mean_squared_distance) < 1e-9, e.row_count
                    from ml.evaluate(model clouds, (select * from points where id < 800)) e cross join ml.evaluate(model clouds) o
                    """) == ["true\ttrue\t800"])
        }
        // The cluster is a value, too.
        #expect(
            try session.lines(
                """
                select count(*) from (select id, predict(clouds, x, y, kind) as c from points) a join ml.predict(model clouds, table points) p
                on a.id = p.id where a.c = p.centroid_id
                """) == ["801"])
        // The far row is the anomaly, in either order of rows and settings.
        for arguments in ["struct(0 as contamination), table points", "table points, struct(0 as contamination)"] {
            #expect(
                try session.lines("select id, is_anomaly from ml.detect_anomalies(model clouds, \(arguments)) a where is_anomaly") == ["1000\ttrue"])
        }
        let told = try session.query("select * from ml.detect_anomalies(model clouds, struct(0.1 as contamination), table points) a")
        #expect(told.schema.map(\.name) == ["is_anomaly", "normalized_distance", "centroid_id", "id", "x", "y", "kind"])
        #expect(
            try session.lines("select count(*) from ml.feature_importance(model clouds) i") == ["4"])
        #expect(try session.lines("select training_rows, evaluation_rows, converged from ml.training_info(model clouds) t") == ["800\t0\ttrue"])
    }

    @Test func componentsInSQL() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(
            """
            create model parts options (model_type = 'pca', num_principal_components = 2, feature_cols = array('x', 'y', 'z'))
            as select id, x, y, x + 2 * y as z from points
            """)
        let rows = try session.query("select * from ml.predict(model parts, (select id, x, y, x + 2 * y as z from points)) p limit 1")
        #expect(rows.schema.map(\.name) == ["principal_component_1", "principal_component_2", "id", "x", "y", "z"])
        #expect(
            try session.lines(
                """
                select round(avg(principal_component_1), 9) = 0, abs(var_samp(principal_component_1) - max(e)) < 1e-9, abs(corr(principal_component_1, principal_component_2)) < 1e-9
                from ml.predict(model parts, (select x, y, x + 2 * y as z from points)) p
                cross join (select eigenvalue as e from ml.principal_component_info(model parts) i where principal_component_id = 1) i
                """) == ["true\ttrue\ttrue"])
        #expect(
            try session.lines(
                """
                select count(*), round(sum(numerical_value * numerical_value), 9) from ml.principal_components(model parts) c
                group by principal_component_id
                """) == ["3\t1.0", "3\t1.0"])
        #expect(
            try session.lines(
                "select principal_component_id, round(cumulative_explained_variance_ratio, 9) from ml.principal_component_info(model parts) i order by 1").last
                == "2\t1.0")
        #expect(try session.lines("select round(total_explained_variance_ratio, 9), row_count from ml.evaluate(model parts) e") == ["1.0\t801"])
        #expect(
            try session.lines(
                """
                select is_anomaly, mean_squared_error > 0.1 from ml.detect_anomalies(model parts, struct(0.01 as contamination),
                  (select 1.0D as x, 1.0D as y, -50.0D as z)) a
                """) == ["true\ttrue"])
        #expect(session.failure("select predict(parts, x, y, x + 2 * y) from points")?.contains("ask it by ML.PREDICT") == true)
        try session.execute("create model fewer options (model_type = 'pca', pca_explained_variance_ratio = 0.5, scale_features = false) as select x, y from points")
        #expect(try session.lines("select count(*) from ml.principal_component_info(model fewer) i") == ["1"])
    }

    @Test func isolationForestsInSQL() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(
            """
            create model odd options (model_type = 'isolation_forest', num_trees = 50, subsample_size = 128, contamination = 0.01, seed = 3, exclude_cols = 'id')
            as select * from points
            """)
        #expect(
            try session.lines("select id from ml.predict(model odd, table points) p order by anomaly_score desc limit 1") == ["1000"])
        #expect(try session.lines("select count(*) <= 9 from ml.predict(model odd, table points) p where is_anomaly") == ["true"])
        #expect(
            try session.lines("select id from ml.detect_anomalies(model odd, struct(0.001 as contamination), table points) p where is_anomaly") == ["1000"])
        #expect(try session.lines("select * from ml.detect_anomalies(model odd, table points) p where id = 1000 and is_anomaly").count == 1)
        #expect(
            try session.lines("select mean_anomaly_score between 0.3 and 0.7, anomaly_share <= 0.01, row_count from ml.evaluate(model odd, table points) e")
                == ["true\ttrue\t801"])
        #expect(
            try session.lines("select row_count, mean_anomaly_score from ml.evaluate(model odd, (select * from points where false)) e") == ["0\tNULL"])
    }

    @Test func transformsNeedNoLabel() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        for (type, options) in [("kmeans", ", num_clusters = 4"), ("pca", ""), ("isolation_forest", "")] {
            try session.execute(
                """
                create model m_\(type) transform (ml.standard_scaler(x) over () as x, ml.min_max_scaler(y) over () as y, upper(kind) as kind)
                options (model_type = '\(type)'\(options)) as select * from points
                """)
            #expect(try session.lines("select count(*) from ml.predict(model m_\(type), table points) p") == ["801"])
            #expect(try session.lines("select row_count from ml.evaluate(model m_\(type), table points) e") == ["801"])
            #expect(
                try session.lines("select count(*) from ml.detect_anomalies(model m_\(type), struct(0.01 as contamination), table points) p where is_anomaly")
                    .first.flatMap { Int($0) } ?? -1 <= 9)
            let file = temporary.root + "/\(type).model"
            try session.execute("export model m_\(type) to 'file://\(file)'")
            try session.execute("import model again_\(type) from 'file://\(file)'")
            #expect(
                try session.lines("select * from ml.predict(model again_\(type), table points) p")
                    == session.lines("select * from ml.predict(model m_\(type), table points) p"))
            #expect(try session.lines("describe formatted model m_\(type)").contains { $0.hasPrefix("Learner:") })
        }
    }

    @Test(arguments: [
        ("create model m options (model_type = 'kmeans', input_label_cols = 'kind') as select * from points", "learns without a label"),
        ("create model m options (model_type = 'kmeans', data_split_method = 'seq', data_split_col = 'id') as select * from points", "learns without a label"),
        ("create model m options (model_type = 'kmeans', num_clusters = 0) as select * from points", "num-clusters"),
        ("create model m options (model_type = 'kmeans', num_clusters = 900) as select * from points", "at most the number of training rows, 801"),
        ("create model m options (model_type = 'kmeans', num_trees = 3) as select * from points", "no option 'num_trees'"),
        ("create model m options (model_type = 'kmeans') as select * from points where false", "no rows"),
        ("create model m options (model_type = 'pca', num_principal_components = 9) as select x, y from points", "at most the number of features"),
        ("create model m options (model_type = 'pca', num_principal_components = 1, pca_explained_variance_ratio = 0.5) as select x, y from points", "auto where"),
        ("create model m options (model_type = 'pca') as select 1 as a, 2 as b from points", "one value"),
        ("create model m options (model_type = 'isolation_forest', contamination = 0.7) as select * from points", "contamination"),
        ("select * from ml.centroids(model odd) c", "is of kmeans"), ("select * from ml.principal_components(model clouds) c", "is of pca"),
        ("select * from ml.centroids(model clouds, table points) c", "takes a model and no rows"),
        ("select * from ml.detect_anomalies(model clouds, table points) a", "contamination"),
        ("select * from ml.detect_anomalies(model clouds, struct(0.6 as contamination), table points) a", "from 0 to 0.5"),
        ("select * from ml.detect_anomalies(model clouds, struct(0.1 as threshold), table points) a", "no 'threshold'"),
        ("select * from ml.detect_anomalies(model clouds, struct(0.1 as contamination)) a", "takes rows"),
        ("select * from ml.predict(model clouds, table points, struct(0.5 as threshold)) p", "no threshold"),
        ("select * from ml.predict(model clouds, (select x, kind from points)) p", "no column 'y'"),
        ("select * from ml.confusion_matrix(model clouds) c", "of classes"), ("select * from ml.roc_curve(model clouds, table points) c", "two classes"),
        ("select * from ml.weights(model clouds) c", "no weights"), ("select * from ml.rules(model clouds) r", "no rules"),
        ("select * from ml.explain_predict(model clouds, table points) p", "do not tell what each feature adds"),
        ("select predict_proba(clouds, x, y, kind) from points", "ask it by ML.PREDICT"),
        ("create model m options (model_type = 'kmeans', num_clusters = hparam_range(2, 5)) as select * from points", "no label to judge a search by"),
        ("create model m options (model_type = 'pca', cross_validate = 3) as select * from points", "no label to judge folds by"),
    ])
    func mistakesAreTold(_ statement: String, _ message: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(clusters)
        try session.execute("create model odd options (model_type = 'isolation_forest', num_trees = 2, exclude_cols = 'id') as select * from points")
        let failure = session.failure(statement)
        #expect(failure?.contains(message) == true, "\(statement): \(failure ?? "it runs")")
        #expect(try session.lines("show models") == ["clouds", "odd"])
    }
}
