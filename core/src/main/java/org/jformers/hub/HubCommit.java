package org.jformers.hub;

import java.net.URI;

/**
 * A commit on the hub.
 *
 * @param id its hash, 40 hex digits
 * @param address its page
 */
public record HubCommit(String id, URI address) {}
