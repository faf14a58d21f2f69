CREATE TABLE analytics_events (
    id UUID NOT NULL PRIMARY KEY,
    session_id UUID,
    user_id UUID,
    video_id UUID,
    event_type VARCHAR(50),
    event_data JSONB,
    timestamp TIMESTAMP
);

CREATE INDEX analytics_events_video_id_timestamp ON analytics_events (video_id, timestamp);
CREATE INDEX analytics_events_session_id ON analytics_events (session_id);
