import MLOpsCore
import Testing

extension Conformance {
    /// What goes with a deleted row, and who may take it along.
    static let cascades: [Scenario] = [
        Scenario("ExperimentRunRepository: a parent is of the same experiment") { context in
            let tree = try await context.tree()
            let other = try await context.workspace.experiments.insert(
                Fixtures.experiment(2, in: tree.project.id))
            let runs = context.workspace.runs
            let error = await expectError(.invalidValue) {
                try await runs.insert(Fixtures.run(2, of: other.id, parent: tree.run.id))
            }
            #expect(error?.field == "parent_run_id")
            var run = try await runs.insert(Fixtures.run(3, of: other.id))
            run.parentRunID = tree.run.id
            await expectError(.invalidValue) { [run] in try await runs.update(run) }
            await expectError(.foreignKeyViolation, "in one batch") {
                try await runs.insert(contentsOf: [
                    Fixtures.run(4, of: tree.experiment.id),
                    Fixtures.run(5, of: other.id, parent: Fixtures.id(ExperimentRun.self, 4)),
                ])
            }
            await expectError(.foreignKeyViolation, "in the history") {
                try await context.history([
                    Fixtures.run(6, of: tree.experiment.id),
                    Fixtures.run(7, of: other.id, parent: Fixtures.id(ExperimentRun.self, 6)),
                ])
            }
        },
        Scenario("NotificationRuleRepository: a deployment is of the rule's project") { context in
            let (first, second) = (try await context.tree(1), try await context.tree(2))
            let error = await expectError(.invalidValue) {
                try await context.workspace.notificationRules.insert(
                    Fixtures.rule(
                        9, to: first.channel.id, project: first.project.id,
                        deployment: second.deployment.id))
            }
            #expect(error?.field == "deployment_id")
        },
        Scenario("Permissions: a channel keeps rules that its owner may not delete") { context in
            let (own, hidden) = (try await context.tree(1), try await context.tree(2))
            var closed = hidden.project
            closed.visibility = .private
            try await context.workspace.projects.update(closed)
            let member = try await context.openMember(50)
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(
                    50, of: member.principal.userID, in: own.project.id, role: .maintainer))
            func channel(_ number: Int) async throws -> NotificationChannel {
                try await member.notificationChannels.insert(Fixtures.channel(number))
            }
            let rules: [(Int, Identifier<Project>?, isAllowed: Bool)] = [
                (10, own.project.id, true), (11, hidden.project.id, false), (12, nil, false),
            ]
            var messages: Set<String> = []
            for (number, project, isAllowed) in rules {
                let channel = try await channel(number)
                let rule = try await context.workspace.notificationRules.insert(
                    Fixtures.rule(number, to: channel.id, project: project))
                if isAllowed {
                    let deletion = try await member.notificationChannels.delete(channel.id)
                    #expect(deletion.counts["notification_rules"] == 1)
                    try await member.notificationChannels.restore(channel.id)
                    continue
                }
                let error = await expectError(.permissionDenied) {
                    try await member.notificationChannels.delete(channel.id)
                }
                messages.insert(error?.message ?? "")
                #expect(try await context.workspace.notificationRules.find(rule.id) == rule)
                // What an admin has deleted comes back by an admin alone.
                try await context.workspace.notificationChannels.delete(channel.id)
                await expectError(.permissionDenied) {
                    try await member.notificationChannels.restore(channel.id)
                }
                try await context.workspace.notificationChannels.restore(channel.id)
            }
            #expect(messages.count == 1 && !messages.contains { $0.contains("rule") })
        },
        Scenario("Permissions: a purge keeps rules of the organization, and counts none") {
            context in
            let owner = try await context.openMember(50)
            let tree = try await context.tree()
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(
                    50, of: owner.principal.userID, in: tree.project.id, role: .owner))
            let general = try await context.workspace.notificationRules.insert(
                Fixtures.rule(9, to: tree.channel.id, deployment: tree.deployment.id))
            await expectError(.permissionDenied) {
                try await owner.deployments.delete(tree.deployment.id)
            }
            try await context.workspace.deployments.delete(tree.deployment.id)
            await expectError(.permissionDenied) {
                try await owner.deployments.purge(tree.deployment.id)
            }
            try await context.workspace.deployments.restore(tree.deployment.id)
            await expectError(.permissionDenied) {
                try await owner.projects.delete(tree.project.id)
            }
            #expect(try await context.workspace.notificationRules.find(general.id).id == general.id)
            try await context.workspace.notificationRules.delete(general.id)
            try await context.workspace.notificationRules.purge(general.id)
            let deletion = try await owner.projects.delete(tree.project.id)
            #expect(deletion.counts["notification_rules"] == 1)
            _ = try await owner.projects.purge(tree.project.id)
        },
        Scenario("Permissions: what needs a row from a hidden project is not counted") { context in
            let tree = try await context.tree()
            try await context.workspace.deployments.delete(tree.deployment.id)
            let hidden = try await context.workspace.projects.insert(
                Fixtures.project(2, visibility: .private))
            try await context.workspace.deployments.insert(
                Fixtures.deployment(2, in: hidden.id, version: tree.version.id))
            let member = try await context.openMember(50)
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(
                    50, of: member.principal.userID, in: tree.project.id, role: .owner))
            let error = await expectError(.foreignKeyViolation) {
                try await member.models.delete(tree.model.id)
            }
            #expect(error?.field == nil && error?.message.contains("deployment") == false)
            let seen = await expectError(.foreignKeyViolation) {
                try await context.workspace.models.delete(tree.model.id)
            }
            #expect(seen?.field == "deployments.model_version_id")
        },
        Scenario("API keys: a cascade takes only what the scopes of the key hold") { context in
            let tree = try await context.tree()
            let narrow = try await context.program(10, ["experiments": ["delete"]])
            await expectError(.permissionDenied) {
                try await narrow.experiments.delete(tree.experiment.id)
            }
            let wide = try await context.program(
                11, ["experiments": ["delete"], "experiment_runs": ["delete"]])
            let deletion = try await wide.experiments.delete(tree.experiment.id)
            #expect(deletion.counts["experiment_runs"] == 1)
        },
        Scenario("API keys: a purge takes and counts only what the scopes of the key hold") {
            context in
            let tree = try await context.tree()
            try await context.workspace.runs.delete(tree.run.id)
            let narrow = try await context.program(10, ["experiment_runs": ["purge"]])
            let preview = try await narrow.runs.purgePreview(tree.run.id)
            #expect(preview.counts == ["experiment_runs": 1])
            await expectError(.permissionDenied) { try await narrow.runs.purge(tree.run.id) }
            let wide = try await context.program(
                11, ["experiment_runs": ["purge"], "run_metrics": ["purge"]])
            let counts = try await wide.runs.purge(tree.run.id).counts
            #expect(counts == ["experiment_runs": 1, "run_metrics": 1])
        },
    ]
}
