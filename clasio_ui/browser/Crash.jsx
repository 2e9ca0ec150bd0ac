// Stands in for a page whose own code failed: says so, offers the way out, and tells the server.
import { Component } from "react";
import { app, eventLoop } from "$/utils/context-registry";
import { ReflexEvent } from "$/utils/state";

export class Crash extends Component {
  state = { error: null };

  static getDerivedStateFromError(error) {
    return { error };
  }

  componentDidCatch(error, info) {
    const report = { info: `${error.name}: ${error.message}\n${error.stack}`, component_stack: info.componentStack };
    eventLoop.addEvents([ReflexEvent(`${app.exception_state_name}.handle_frontend_exception`, report)]);
  }

  render() {
    if (!this.state.error) return this.props.children;
    return (
      <main className="plain-page">
        <div className="state">
          <h1>This page has a fault</h1>
          <p>It was noted. Load the page again; if it stays, tell the person who runs Clasio.</p>
          <div className="state-actions">
            <button type="button" className="button button-primary" onClick={() => window.location.reload()}>
              Load again
            </button>
            <a className="button" href="/">
              Go to the overview
            </a>
          </div>
        </div>
      </main>
    );
  }
}
