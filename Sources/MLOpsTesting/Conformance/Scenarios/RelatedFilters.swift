import MLOpsCore
import Testing

extension Conformance {
    /// Filters on the rows that a row refers to.
    static let relatedFilters: [Scenario] = [
        Scenario("Filter: runs by their experiment and project, versions by their model") {
            context in
            let tree = try await context.tree()
            let other = try await context.tree(2)
            let (name, slug) = (tree.experiment.name, tree.project.slug)
            let found: [(String, Filter<ExperimentRun>)] = [
                ("experiment", runs.experiment.name == name),
                ("isIn", runs.experiment.name.isIn([name, "none"])),
                ("prefix", runs.experiment.name.hasPrefix(name)),
                ("project", runs.project.slug == slug && runs.project.isActive),
                ("chain", runs.experiment.project.slug == slug),
                ("model", runs.experiment.model.name == tree.model.name),
                ("not", !(runs.experiment.name == other.experiment.name)),
                ("!=", runs.experiment.name != other.experiment.name),
                (
                    "matches",
                    runs.experiment.matches { $0.tags.contains("fixture") && $0.name == name }
                ),
                (
                    "document",
                    runs.experiment.matches { $0.config["epochs"] == 3 && $0.name == name }
                ),
                (
                    "nested",
                    runs.experiment.matches { $0.project.matches { $0.slug == slug } }
                ),
                ("or", runs.experiment.name == "none" || runs.project.slug == slug),
            ]
            for (about, filter) in found {
                let rows = try await context.workspace.runs.all { _ in filter }
                let count = try await context.workspace.runs.count { _ in filter }
                #expect(rows == [tree.run] && count == 1, "\(about)")
            }
            let creators = try await context.workspace.runs.count {
                $0.creator.email == tree.user.email
            }
            #expect(creators == 2)
            let versions = try await context.workspace.modelVersions.all {
                $0.model.name == tree.model.name && $0.sourceRun.status == .completed
                    && $0.project.slug == slug
            }
            #expect(versions == [tree.version])
            let points = try await context.workspace.metrics.all {
                $0.run.experiment.name == name && $0.metricName == tree.metric.metricName
            }
            #expect(points.map(\.id) == [tree.metric.id])
            let deployments = try await context.workspace.deployments.all {
                $0.modelVersion.model.name == tree.model.name
            }
            #expect(deployments == [tree.deployment])
        },
        Scenario("Filter: a relation that leads to nothing is absent") { context in
            let tree = try await context.tree()
            let child = try await context.workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, parent: tree.run.id))
            let name = tree.run.runName
            func found(_ filter: Filter<ExperimentRun>) async throws -> Set<String> {
                Set(try await context.workspace.runs.all { _ in filter }.map(\.runName))
            }
            #expect(try await found(runs.parentRun.runName == name) == [child.runName])
            #expect(try await found(runs.parentRun.runName != name) == [name])
            #expect(try await found(!(runs.parentRun.runName == name)) == [name])
            #expect(try await found(runs.parentRun.errorMessage == nil) == [name, child.runName])
            #expect(try await found(runs.parentRun.completedAt.isNotNull) == [child.runName])
            #expect(try await found(runs.parentRun.completedAt.isNull) == [name])
            #expect(
                try await found(runs.parentRun.errorMessage.isIn([nil])) == [name, child.runName])
            #expect(try await found(runs.parentRun.matches { $0.status == .completed }).count == 1)
        },
        Scenario("Filter: a relation shows neither deleted nor hidden rows, nor other tenants'") {
            context in
            let user = try await context.insertMember(50)
            let own = try await context.tree(1)
            let hidden = try await Fixtures.insertTree(
                into: context.workspace, number: 2, visibility: .private)
            let member = try await context.open(user.id)
            // The experiment is visible, and its model is not.
            let model = try await context.workspace.models.insert(
                Fixtures.model(3, in: hidden.project.id))
            let experiment = try await context.workspace.experiments.insert(
                Fixtures.experiment(3, in: own.project.id, model: model.id))
            let run = try await context.workspace.runs.insert(
                Fixtures.run(3, of: experiment.id))
            let name = model.name
            let (seen, guessed, opposite) = try await context.read { tx in
                (
                    try tx.runs.all { $0.experiment.model.name == name }.map(\.id),
                    try tx.runs.count { $0.experiment.name == hidden.experiment.name },
                    try tx.runs.count { $0.experiment.model.name != name }
                )
            }
            #expect(seen == [run.id] && guessed == 1 && opposite == 2)
            #expect(try await member.runs.all { $0.experiment.model.name == name } == [])
            #expect(try await member.runs.count { $0.experiment.model.name != name } == 2)
            #expect(
                try await member.runs.count { $0.experiment.name == hidden.experiment.name } == 0)
            let stranger = try await context.otherWorkspace(60)
            #expect(try await stranger.runs.count { $0.experiment.name.contains("") } == 0)
            let all = try await context.system {
                try $0.runs.count { $0.experiment.name == experiment.name }
            }
            #expect(all == 1)
            let key = try await context.program(10, ["experiment_runs": ["read"]])
            #expect(try await key.runs.count() == 3)
            await expectError(.permissionDenied, "a key that may not read experiments") {
                try await key.runs.count { $0.experiment.name == "x" }
            }
            try await context.workspace.models.delete(model.id)
            #expect(
                try await context.workspace.runs.count { $0.experiment.model.name == name } == 0)
        },
        Scenario("Filter: every relation leads to its row") { context in
            let tree = try await context.tree()
            let (user, project, model) = (tree.user.id, tree.project.id, tree.model.id)
            let (version, deployment, run) = (tree.version.id, tree.deployment.id, tree.run.id)
            let (experiment, channel) = (tree.experiment.id, tree.channel.id)
            let counts = try await context.read { tx in
                [
                    "creator": try tx.models.count { $0.creator.id == user },
                    "member.project": try tx.projectMembers.count { $0.project.id == project },
                    "member.user": try tx.projectMembers.count { $0.user.id == user },
                    "membership.user": try tx.memberships.count { $0.user.id == user },
                    "key.user": try tx.apiKeys.count { $0.user.id == user },
                    "model.project": try tx.models.count { $0.project.id == project },
                    "version.model": try tx.modelVersions.count { $0.model.id == model },
                    "version.project": try tx.modelVersions.count { $0.project.id == project },
                    "version.run": try tx.modelVersions.count { $0.sourceRun.id == run },
                    "experiment.project": try tx.experiments.count { $0.project.id == project },
                    "experiment.model": try tx.experiments.count { $0.model.id == model },
                    "run.experiment": try tx.runs.count { $0.experiment.id == experiment },
                    "run.project": try tx.runs.count { $0.project.id == project },
                    "metric.run": try tx.metrics.count { $0.run.id == run },
                    "deployment.project": try tx.deployments.count { $0.project.id == project },
                    "deployment.version": try tx.deployments.count {
                        $0.modelVersion.id == version
                    },
                    "entry.deployment": try tx.deploymentHistory.count {
                        $0.deployment.id == deployment
                    },
                    "entry.version": try tx.deploymentHistory.count {
                        $0.modelVersion.id == version
                    },
                    "entry.previous": try tx.deploymentHistory.count {
                        $0.previousModelVersion.id != version
                    },
                    "monitoring": try tx.monitoring.count { $0.deployment.id == deployment },
                    "drift": try tx.driftReports.count { $0.deployment.id == deployment },
                    "alert.project": try tx.alerts.count { $0.project.id == project },
                    "alert.deployment": try tx.alerts.count { $0.deployment.id == deployment },
                    "rule.channel": try tx.notificationRules.count { $0.channel.id == channel },
                    "rule.project": try tx.notificationRules.count { $0.project.id == project },
                    "rule.deployment": try tx.notificationRules.count {
                        $0.deployment.id == deployment
                    },
                ]
            }
            #expect(counts.filter { $0.value == 0 }.keys.sorted() == [])
        },
        Scenario("Filter: an observed condition on related rows sees their changes") { context in
            let tree = try await context.tree()
            let name = "renamed"
            let stream = context.workspace.observe { tx in
                try tx.runs.count { $0.experiment.name == name }
            }
            var counts = stream.makeAsyncIterator()
            #expect(try await counts.next() == 0)
            var experiment = tree.experiment
            experiment.name = name
            try await context.workspace.experiments.update(experiment)
            #expect(try await counts.next { $0 == 1 } == 1)
        },
    ]

    private static let runs = ExperimentRun.columns
}
